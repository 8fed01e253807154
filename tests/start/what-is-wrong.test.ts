import { cp, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { temporaryFolder } from '#engines/temporary-folder.fixture.ts'
import { type Outcome, run, Started } from './started.ts'

const FAILED = 1
const WRONG_USAGE = 2

const folder = temporaryFolder()
let data: string
let running: Started
let url: string
beforeAll(async () => {
  data = join(folder, 'data')
  running = bare(data)
  url = await running.ready()
})
afterAll(async () => {
  running.send('SIGKILL')
  await running.ended
})

const BARE = ['--no-demo', '--no-simulator']
const bare = (at: string) => new Started(['start', '--port', '0', '--data', at, ...BARE])

function startOn(at: string, environment?: Readonly<Record<string, string>>) {
  return run(['start', '--port', '0', '--data', at, ...BARE], environment)
}

/** One sentence of ours that says what to do, and no stack trace. */
function expectSentence({ code, stdout, stderr }: Outcome, expected: number, sentence: RegExp) {
  expect(stderr).not.toMatch(/^ +at /m)
  expect(stdout).toBe('')
  expect(stderr).toMatch(sentence)
  expect(stderr.match(/^freshet: .+$/gm) ?? []).toHaveLength(expected === FAILED ? 1 : 0)
  expect(code).toBe(expected)
}

test('a port in use', async () => {
  const { port } = new URL(url)
  const outcome = await run(['start', '--port', port, '--data', join(folder, 'other'), ...BARE])
  expectSentence(
    outcome,
    FAILED,
    new RegExp(`port ${port} .* is taken .* choose another with --port`),
  )
})

test('a second instance on the same folder', async () => {
  expectSentence(
    await startOn(data),
    FAILED,
    /another process has .* open; stop it, or choose another folder/,
  )
})

test('a folder that cannot be written', async () => {
  const file = join(folder, 'file')
  await writeFile(file, '')
  const choose = /the data folder \S+ (cannot be written|is a file).*; choose another with --data/
  expectSentence(await startOn(join(file, 'below')), FAILED, choose)
  expectSentence(await startOn(file), FAILED, choose)
  // The kernel creates no folders here, for any user.
  expectSentence(await startOn('/proc/freshet/data'), FAILED, choose)
})

test.each([
  ['an unknown command', ['strat'], /unknown command 'strat'\n.*start/],
  ['an unknown option', ['start', '--prot', '1'], /unknown option '--prot'\n.*--port/],
  [
    'a wrong option',
    ['start', '--port', 'http'],
    /--port.*'http' is invalid\. It must be a whole number/,
  ],
  ['an argument too many', ['start', 'here'], /too many arguments for 'start'/],
])('%s', async (_, args, sentence) => {
  expectSentence(await run(args), WRONG_USAGE, sentence)
})

test('a wrong value in the environment', async () => {
  const wrong = { LOG_LEVEL: 'loud', CACHE_ENTRIES_MAX: '-1' }
  const { code, stderr } = await startOn(join(folder, 'unused'), wrong)
  expect(stderr).toBe(
    'freshet: CACHE_ENTRIES_MAX=-1 must be a whole number from 1 up; LOG_LEVEL=loud must be one of fatal, error, warn, info, debug, trace, silent. Correct it in the environment, or unset it\n',
  )
  expect(code).toBe(WRONG_USAGE)
  const port = await run(['start', '--data', join(folder, 'unused')], { FRESHET_PORT: 'none' })
  expectSentence(port, WRONG_USAGE, /'none' from env 'FRESHET_PORT' is invalid/)
})

/** Overwrites how the file begins with bytes that mean nothing. */
async function spoil(file: string): Promise<void> {
  const bytes = await readFile(file)
  bytes.subarray(0, 4_096).fill(0xa5)
  await writeFile(file, bytes)
}

async function fileNamed(root: string, pattern: RegExp): Promise<string> {
  const files = await readdir(root, { recursive: true })
  const file = files.find((name) => pattern.test(name))
  if (file === undefined) throw new Error(`no ${pattern} among ${files.join(', ')}`)
  return join(root, file)
}

test('a file that is damaged', async () => {
  const events = [{ type: 'ProductViewed', user_id: 'u', product_id: 'p' }]
  const headers = { 'Content-Type': 'application/json' }
  await fetch(`${url}/v1/events`, { method: 'POST', headers, body: JSON.stringify({ events }) })
  running.send('SIGTERM')
  expect((await running.ended).code).toBe(0)

  const damaged: readonly (readonly [string, RegExp, RegExp])[] = [
    [
      'log',
      /log\.sqlite$/,
      /the log file \S+ is damaged .*; restore it from a backup, or move it aside/,
    ],
    ['registry', /schemas\.json$/, /the schema registry \S+ is damaged; restore it from a backup/],
    [
      'vectors',
      /\.sqlite$/,
      /vectors\.sqlite is damaged .*; restore it from a copy, or move it away/,
    ],
    [
      'tables',
      /raw_events\.sql$/,
      /the tables in \S+ cannot be opened.*: restore the folder from a copy/,
    ],
  ]
  for (const [engine, pattern, sentence] of damaged) {
    const copy = join(folder, engine)
    await cp(data, copy, { recursive: true })
    await spoil(await fileNamed(join(copy, engine), pattern))
    expectSentence(await startOn(copy), FAILED, sentence)
  }
})

test('a snapshot that is damaged only costs time', async () => {
  await spoil(await fileNamed(join(data, 'snapshots'), /activity-\d\.snapshot$/))
  using again = bare(data)
  const address = await again.ready()
  expect(again.said).toContain('snapshot is damaged; the state is built again from the log')
  await expect
    .poll(async () => (await fetch(`${address}/v1/ledger`)).json())
    .toMatchObject({ balanced: true, stored: 1, pending: 0 })
  again.send('SIGINT')
  expect((await again.ended).code).toBe(0)
})
