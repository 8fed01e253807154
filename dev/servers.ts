/** `npm run servers -- up|down|status [kafka registry redis postgres clickhouse qdrant]`: servers without containers. */
import { Argument, Command, CommanderError, InvalidArgumentError } from 'commander'
import { SERVER_NAMES, type ServerName } from './running-servers.ts'
import { startProgress } from './servers/start-progress.ts'
import { type StartOutcome, startServers } from './servers/start-servers.ts'
import { type ServerStatus, statusOf } from './servers/status-of.ts'
import { stopServers } from './servers/stop-servers.ts'

/** Exit codes: done, failed, wrong usage. */
const FAILED = 1
const WRONG_USAGE = 2
const BROKERS_MAX = 9

interface SetOptions {
  readonly folder?: string
}

interface UpOptions extends SetOptions {
  readonly freePorts?: true
  readonly brokers?: number
  readonly secure?: true
  readonly json?: true
}

const program = new Command('npm run servers --')
  .description('Servers for Freshet on this machine, without containers, on 127.0.0.1 only.')
  .showHelpAfterError('(add --help for the options)')
  .exitOverride()

function command(name: string, description: string): Command {
  return program
    .command(name)
    .description(description)
    .addArgument(new Argument('[SERVER...]', 'all, unless named').choices(SERVER_NAMES))
    .option('--folder <DIR>', 'another set of servers, with its data in this folder')
}

command('up', 'start what is not running, and wait until it answers')
  .option('--free-ports', 'any free ports instead of the usual ones')
  .option('--brokers <N>', 'nodes of Kafka (1 unless given)', numberOfBrokers)
  .option('--secure', 'a second listener of Kafka with TLS and a login')
  .option('--json', 'the outcome of each, for programs')
  .action(up)

command('down', 'stop what `up` started, and nothing else')
  .option('--wipe', 'also remove what they stored')
  .action(async (names: ServerName[], options: SetOptions & { wipe?: true }) => {
    for (const { server, wasRunning } of await stopServers(orAll(names), options)) {
      if (wasRunning || names.length > 0) say(server, wasRunning ? 'stopped' : 'did not run')
    }
  })

command('status', 'what runs, and where')
  .option('--json', 'for programs')
  .action((names: ServerName[], { json, folder }: SetOptions & { json?: true }) => {
    const status = statusOf(orAll(names), folder)
    const lines = json ? [JSON.stringify(status, undefined, 2)] : status.map(lineOf)
    process.stdout.write(`${lines.join('\n')}\n`)
  })

try {
  await program.parseAsync()
} catch (error) {
  // commander has already printed the mistake or the help.
  if (!(error instanceof CommanderError)) throw error
  process.exitCode = error.exitCode === 0 ? 0 : WRONG_USAGE
}

async function up(names: ServerName[], options: UpOptions): Promise<void> {
  let outcomes: readonly StartOutcome[]
  {
    using progress = startProgress()
    outcomes = await startServers(orAll(names), { ...options, report: progress.report })
  }
  if (options.json) process.stdout.write(`${JSON.stringify(outcomes, undefined, 2)}\n`)
  else for (const outcome of outcomes) say(outcome.server, sentenceOf(outcome))
  const isFailure = ({ server, state }: StartOutcome) =>
    state === 'failed' || (state === 'missing' && names.includes(server))
  if (outcomes.some(isFailure)) process.exitCode = FAILED
}

function sentenceOf(outcome: StartOutcome): string {
  switch (outcome.state) {
    case 'missing':
      return `cannot be had: ${outcome.reason}`
    case 'failed':
      return `did not start: ${outcome.reason}`
    case 'started':
      return `runs: ${outcome.running.version} at ${outcome.running.url}`
    case 'was running':
      return `was running: ${outcome.running.version} at ${outcome.running.url}`
  }
}

function lineOf({ server, state, version, url, secureUrl, processes }: ServerStatus): string {
  if (state === 'stopped') return `${server.padEnd(10)} stopped`
  const pids = processes?.map(({ pid }) => pid).join()
  const logs = processes?.map(({ log }) => log).join()
  const addresses = [url, secureUrl].filter((address) => address !== undefined).join(' and ')
  return `${server.padEnd(10)} ${state}: ${version} at ${addresses}, pid ${pids}, log ${logs}`
}

function say(server: ServerName, sentence: string): void {
  process.stderr.write(`${server.padEnd(10)} ${sentence}\n`)
}

function orAll(names: readonly ServerName[]): readonly ServerName[] {
  return names.length === 0 ? SERVER_NAMES : names
}

function numberOfBrokers(text: string): number {
  const brokers = Number(text)
  if (Number.isInteger(brokers) && brokers >= 1 && brokers <= BROKERS_MAX) return brokers
  throw new InvalidArgumentError(`a number from 1 to ${BROKERS_MAX}`)
}
