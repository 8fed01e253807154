import { Command, Option } from 'commander'
import type { Logger } from 'pino'
import { type Config, loadConfig } from '#app/config.ts'
import { sendDemo } from '#app/demo/demo-shop.ts'
import { runSimulator } from '#app/demo/simulator.ts'
import { type Plane, startPlane } from '#app/plane.ts'
import { withPlacement } from './placement.ts'
import { processLogger, runUntilStopped, say } from './run-until-stopped.ts'

interface StartOptions {
  readonly host: string
  readonly port: number
  readonly data: string
  readonly demo: boolean
  readonly simulator: boolean
}

/** `freshet start`: everything in one process. */
export function startCommand(): Command {
  const option = (flags: string, description: string, env: string) =>
    new Option(flags, description).env(env)
  return withPlacement(new Command('start'), 8080)
    .description('run everything in one process; Ctrl-C drains and stops')
    .addOption(option('--no-demo', 'do not load the demo shop', 'FRESHET_NO_DEMO'))
    .addOption(
      option('--no-simulator', 'do not keep simulated customers shopping', 'FRESHET_NO_SIMULATOR'),
    )
    .action(start)
}

async function start(options: StartOptions): Promise<void> {
  const config = loadConfig(options)
  const logger = processLogger(config)
  await runUntilStopped(
    () => startPlane({ config, logger }),
    (plane, signal) => trade({ plane, options, config, logger, signal }),
  )
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
