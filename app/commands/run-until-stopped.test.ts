import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { expect, onTestFinished, test } from 'vitest'

const CHILD = fileURLToPath(new URL('./run-until-stopped.fixture.ts', import.meta.url))

interface Ended {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  readonly stdout: string
  readonly stderr: string
}

interface Child {
  readonly process: ChildProcess
  says(line: string): Promise<void>
  ended(): Promise<Ended>
}

function start(scenario: string): Child {
  const child = spawn(process.execPath, [CHILD, scenario], { stdio: ['ignore', 'pipe', 'pipe'] })
  onTestFinished(() => void child.kill('SIGKILL'))
  const written = { stdout: '', stderr: '' }
  child.stdout.on('data', (text) => (written.stdout += String(text)))
  child.stderr.on('data', (text) => (written.stderr += String(text)))
  const closed = once(child, 'close')
  return {
    process: child,
    async says(line) {
      const said = () => written.stdout + written.stderr
      while (!said().includes(line)) {
        if (child.exitCode !== null) throw new Error(`it ended without “${line}”: ${said()}`)
        await new Promise((resolve) => setTimeout(resolve, 10))
      }
    },
    async ended() {
      const [code, signal] = (await closed) as [number | null, NodeJS.Signals | null]
      return { code, signal, ...written }
    },
  }
}

test.each(['SIGINT', 'SIGTERM'] as const)('%s drains it, and it ends well', async (signal) => {
  const child = start('works')
  await child.says('working')
  child.process.kill(signal)
  expect(await child.ended()).toMatchObject({
    code: 0,
    stdout: 'working\ndraining\ndrained\n',
    stderr: 'draining …\nstopped; everything is saved.\n',
  })
})

test('the same Ctrl-C, forwarded by npm, does not end it: it still drains', async () => {
  const child = start('works')
  await child.says('working')
  child.process.kill('SIGINT')
  await child.says('draining')
  child.process.kill('SIGINT')
  const { code, stdout } = await child.ended()
  expect({ code, stdout }).toEqual({ code: 0, stdout: 'working\ndraining\ndrained\n' })
})

test('a second Ctrl-C, later, ends it at once', async () => {
  const child = start('never-drains')
  await child.says('working')
  child.process.kill('SIGINT')
  await child.says('draining')
  await new Promise((resolve) => setTimeout(resolve, 1_200))
  child.process.kill('SIGINT')
  expect(await child.ended()).toMatchObject({ code: null, signal: 'SIGKILL' })
})

test('a process that waits for its engines notices a signal too', async () => {
  const child = start('never-starts')
  // It says nothing before it works: give it the time to begin.
  await new Promise((resolve) => setTimeout(resolve, 2_000))
  child.process.kill('SIGTERM')
  const { code, stdout, stderr } = await child.ended()
  expect({ code, stdout, stderr }).toEqual({
    code: 130,
    stdout: '',
    stderr: 'stopped before it was ready.\n',
  })
})

test.each([
  ['a part that cannot go on', 'fails', 'failed: broken'],
  ['work that fails', 'work-fails', 'failed: no work'],
])('%s drains the rest and fails', async (_, scenario, last) => {
  const { code, stdout } = await start(scenario).ended()
  expect(code).toBe(1)
  expect(stdout).toBe(`working\ndraining\ndrained\n${last}\n`)
})
