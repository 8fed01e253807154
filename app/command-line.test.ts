import { afterEach, describe, expect, test, vi } from 'vitest'
import packageJson from '../package.json' with { type: 'json' }
import { runCommandLine } from './command-line.ts'
import { outputOf } from './output.fixture.ts'

const freshet = (...args: string[]) => outputOf(() => runCommandLine(['node', 'freshet', ...args]))

/** As INTERFACE and README name them. */
const COMMANDS = [
  'start',
  'ingest',
  'demo',
  'evaluate',
  'sql',
  'doctor',
  'init',
  'reindex',
  'process',
  'serve',
]

afterEach(() => vi.unstubAllEnvs())

test('help names every command, on standard output', async () => {
  const { stdout, exitCode } = await freshet('--help')
  expect(exitCode).toBe(0)
  const named = [...stdout.matchAll(/^ {2}([a-z]+)/gm)].map(([, name]) => name)
  expect(named).toEqual(expect.arrayContaining(COMMANDS))
  expect(named.filter((name) => name !== 'help')).toHaveLength(COMMANDS.length)
})

test('the version is that of the package', async () => {
  expect(await freshet('--version')).toEqual({
    stdout: `${packageJson.version}\n`,
    stderr: '',
    exitCode: 0,
  })
})

describe.each(COMMANDS)('%s --help', (command) => {
  test('is data on standard output, and exits with 0', async () => {
    const { stdout, stderr, exitCode } = await freshet(command, '--help')
    expect({ stderr, exitCode }).toEqual({ stderr: '', exitCode: 0 })
    expect(stdout).toContain(`Usage: freshet ${command}`)
  })

  test('gives every option a twin in the environment', async () => {
    const { stdout } = await freshet(command, '--help')
    // An option's description may go on for several lines, up to the next option.
    const options = stdout
      .slice(stdout.indexOf('Options:'))
      .split(/^ {2}(?=-)/m)
      .slice(1)
    const withoutTwin = options.filter((text) => !/env:\s+FRESHET_[A-Z_]+/.test(text))
    expect(withoutTwin.map((text) => text.split(' ')[0])).toEqual(['-h,'])
  })
})

describe('wrong usage exits with 2 and prints nothing on standard output', () => {
  test.each([
    ['no command', [], 'Usage: freshet'],
    ['an unknown command', ['bogus'], "unknown command 'bogus'"],
    ['an unknown command that is asked for help', ['dlq', '--help'], "unknown command 'dlq'"],
    ['a command that is nearly one', ['docter', '--json'], 'Did you mean doctor?'],
    ['an unknown option', ['sql', 'SELECT 1', '--fromat', 'CSV'], 'Did you mean --format?'],
    ['a missing argument', ['sql'], "missing required argument 'QUERY'"],
    ['options that exclude each other', ['reindex', '--prune', '--dry-run'], 'cannot be used with'],
    [
      'a schedule to show and a run to do',
      ['reindex', '--schedule', '--then-prune'],
      'cannot be used with',
    ],
    [
      'an evaluation that ends before it begins',
      [
        'evaluate',
        '--protocol',
        'P1',
        '--events',
        'x.csv',
        '--from',
        '2021-02-02',
        '--to',
        '2021-02-01',
      ],
      '--to must be later than --from',
    ],
    [
      'a protocol that is not there',
      ['evaluate', '--protocol', 'P9', '--events', 'x.csv'],
      'Allowed choices are P1',
    ],
    ['a port that is none', ['start', '--port', '65536'], 'whole number from 0 to 65535'],
    ['a rate of nothing', ['ingest', 'x.csv', '--rate', '0'], 'a number above 0'],
    ['a currency in words', ['ingest', 'x.csv', '--currency', 'pounds'], 'three capital letters'],
  ])('%s', async (_, args, sentence) => {
    const { stdout, stderr, exitCode } = await freshet(...args)
    expect({ stdout, exitCode }).toEqual({ stdout: '', exitCode: 2 })
    expect(stderr).toContain(sentence)
  })
})

test('an option is taken from its twin', async () => {
  vi.stubEnv('FRESHET_PORT', 'eighty')
  const { stderr, exitCode } = await freshet('serve')
  expect(exitCode).toBe(2)
  expect(stderr).toContain("'eighty' from env 'FRESHET_PORT' is invalid")
})

test('a setting that cannot be understood is wrong usage too', async () => {
  vi.stubEnv('LOG_LEVEL', 'loud')
  const { stderr, exitCode } = await freshet('sql', 'SELECT 1', '--data', 'nowhere')
  expect({ stderr, exitCode }).toEqual({
    stderr:
      'freshet: LOG_LEVEL=loud must be one of fatal, error, warn, info, debug, trace, silent. Correct it in the environment, or unset it\n',
    exitCode: 2,
  })
})

test('what fails exits with 1 and one sentence that says what to do', async () => {
  const { stdout, stderr, exitCode } = await freshet('sql', 'SELECT 1', '--data', 'no/such/folder')
  expect({ stdout, exitCode }).toEqual({ stdout: '', exitCode: 1 })
  expect(stderr).toBe(
    'freshet: there are no tables in no/such/folder; name the folder that was given to start\n',
  )
})

test('the demo does not wait in silence for a Freshet that is away', async () => {
  const { stderr, exitCode } = await freshet('demo', '--ingest-url', 'http://127.0.0.1:1')
  expect(exitCode).toBe(1)
  expect(stderr).toBe(
    'freshet: nothing takes events at http://127.0.0.1:1; start it, or name it with --ingest-url and --serve-url\n',
  )
})
