import { setTimeout } from 'node:timers/promises'
import { Command, InvalidArgumentError, Option } from 'commander'
import { type Logger, pino } from 'pino'
import { type Config, loadConfig } from '#app/config.ts'
import { sendDemo } from '#app/demo/demo-shop.ts'
import { runSimulator } from '#app/demo/simulator.ts'
import { type Plane, startPlane } from '#app/plane.ts'

interface StartOptions {
  readonly host: string
  readonly port: number
  readonly data: string
  readonly demo: boolean
  readonly simulator: boolean
}

/** A drain that takes longer is cut short: what was accepted is in the log, and the next start goes on with it. */
const DRAIN_MS = 20_000
/** Two signals within this time are one Ctrl-C. */
const SAME_CTRL_C_MS = 1_000
/** The exit code of a process that SIGINT ended. */
const INTERRUPTED = 130

/** `freshet start`: everything in one process. */
export function startCommand(): Command {
  const option = (flags: string, description: string, env: string) =>
    new Option(flags, description).env(env)
  return new Command('start')
    .description('run everything in one process; Ctrl-C drains and stops')
    .addOption(option('--host <HOST>', 'address to listen on', 'FRESHET_HOST').default('127.0.0.1'))
    .addOption(
      option('--port <PORT>', 'port to listen on; 0 picks a free one', 'FRESHET_PORT')
        .argParser(portNumber)
        .default(8080),
    )
    .addOption(option('--data <DIR>', 'folder for all state', 'FRESHET_DATA').default('./data'))
    .addOption(option('--no-demo', 'do not load the demo shop', 'FRESHET_NO_DEMO'))
    .addOption(
      option('--no-simulator', 'do not keep simulated customers shopping', 'FRESHET_NO_SIMULATOR'),
    )
    .action(start)
}

async function start(options: StartOptions): Promise<void> {
  const stop = new AbortController()
  stopOnSignals(stop)
  const config = loadConfig(options)
  const logger = pino({ level: config.logLevel }, pino.destination({ fd: 2, sync: true }))
  const plane = await startPlane({ config, logger })
  try {
    await Promise.race([
      trade({ plane, options, config, logger, signal: stop.signal }),
      plane.failed,
    ])
  } catch (error) {
    if (!stop.signal.aborted) throw error
  } finally {
    stop.abort()
    say('draining …')
    const isDrained = await Promise.race([drained(plane), tooLate()])
    say(
      isDrained
        ? 'stopped; everything is saved.'
        : 'stopped before all was processed; the next start goes on with it.',
    )
    if (!isDrained) process.exit(1)
  }
}

/** The first Ctrl-C stops gently, a later one at once. npm passes on what the terminal has sent to us as well. */
function stopOnSignals(stop: AbortController): void {
  let askedAt = Number.POSITIVE_INFINITY
  const onSignal = () => {
    if (performance.now() - askedAt > SAME_CTRL_C_MS) process.exit(INTERRUPTED)
    askedAt = Math.min(askedAt, performance.now())
    stop.abort()
  }
  process.on('SIGINT', onSignal).on('SIGTERM', onSignal)
}

interface Trade {
  readonly plane: Plane
  readonly options: StartOptions
  readonly config: Config
  readonly logger: Logger
  readonly signal: AbortSignal
}

/** Loads the demo, says where to look, and lets the simulated customers shop until the signal aborts. */
async function trade({ plane, options, config, logger, signal }: Trade): Promise<void> {
  const { url, engines } = plane
  if (options.demo) await sendDemo({ url, dataFolder: config.dataFolder, engines, signal })
  await plane.learned
  process.stdout.write(`Freshet is ready at ${url}\n`)
  await sayWhatToTry(plane)
  if (options.simulator) await runSimulator({ url, engines, logger, signal })
  await new Promise<void>((resolve) => {
    if (signal.aborted) resolve()
    signal.addEventListener('abort', () => resolve(), { once: true })
  })
}

async function sayWhatToTry({ url, engines }: Plane): Promise<void> {
  const [buyer] = await engines.tables.query<{ user_id: string }>(
    `SELECT user_id FROM raw_events WHERE type = 'OrderPlaced' AND user_id != '' ORDER BY event_time DESC LIMIT 1`,
  )
  say(`
  The live page    ${url}/
  For a customer   curl '${url}/v1/recommendations/users/${encodeURIComponent(buyer?.user_id ?? 'you')}?limit=5'
  What moves now   curl '${url}/v1/products/trending?window=24h&limit=5'
  Money by minute  curl '${url}/v1/trends/revenue?interval=1m'

  Ctrl-C stops it.`)
}

async function drained(plane: Plane): Promise<boolean> {
  await plane[Symbol.asyncDispose]()
  return true
}

function tooLate(): Promise<boolean> {
  return setTimeout(DRAIN_MS, false, { ref: false })
}

function portNumber(text: string): number {
  const port = Number(text)
  if (Number.isInteger(port) && port >= 0 && port <= 65_535) return port
  throw new InvalidArgumentError('It must be a whole number from 0 to 65535.')
}

function say(line: string): void {
  process.stderr.write(`${line}\n`)
}
