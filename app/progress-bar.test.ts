import { afterEach, expect, test, vi } from 'vitest'
import { outputOf } from './output.fixture.ts'
import { phaseBars } from './phase-bars.ts'
import { progressBar } from './progress-bar.ts'

const { isTTY } = process.stderr
afterEach(() => {
  process.stderr.isTTY = isTTY
  vi.restoreAllMocks()
})

/** What is written to standard error, as if that were a terminal or not. */
async function drawn(onTerminal: boolean, draw: () => void): Promise<string> {
  process.stderr.isTTY = onTerminal
  // A pipe has none of these.
  const cursor = { cursorTo: () => true, clearLine: () => true, moveCursor: () => true }
  const missing = Object.entries(cursor).filter(([name]) => !(name in process.stderr))
  Object.assign(process.stderr, Object.fromEntries(missing))
  const { stdout, stderr } = await outputOf(async () => draw())
  for (const [name] of missing) Reflect.deleteProperty(process.stderr, name)
  expect(stdout).toBe('')
  return stderr
}

function load(): void {
  using bar = progressBar('demo', 10)
  bar.update(5, 'waiting for Freshet')
}

function work(): void {
  using bars = phaseBars()
  bars.update('filling', 0, 10)
  bars.update('filling', 10, 10)
  bars.update('verifying', 1, 2)
}

test('a bar shows what is loaded, how much of how many, and what it is waiting for', async () => {
  expect(await drawn(true, load)).toMatch(/demo .*50% 5\/10 waiting for Freshet/)
})

test('each phase of the work has a bar, in turn', async () => {
  const text = await drawn(true, work)
  expect(text).toMatch(/filling .*100% 10\/10/)
  expect(text.lastIndexOf('filling')).toBeLessThan(text.indexOf('verifying'))
  expect(text).toMatch(/verifying .*50% 1\/2/)
})

test('nothing is drawn where there is no terminal', async () => {
  expect(await drawn(false, load)).toBe('')
  expect(await drawn(false, work)).toBe('')
})
