import { Command } from 'commander'
import type { Logger } from 'pino'
import { type Config, loadConfig } from '#app/config.ts'
import { sendDemo } from '#app/demo/demo-shop.ts'
import { sayWhatToTry } from '#app/demo/say-what-to-try.ts'
import { runSimulator } from '#app/demo/simulator.ts'
import { type Instance, startInstance } from '#app/instance.ts'
import { option, withPlacement } from './options.ts'
import { processLogger, runUntilStopped } from './run-until-stopped.ts'

interface StartOptions {
  readonly host: string
  readonly port: number
  readonly data: string
  readonly demo: boolean
  readonly simulator: boolean
}

/** `freshet start`: everything in one process. */
export function startCommand(): Command {
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
    () => startInstance({ config, logger }),
    (instance, signal) => trade({ instance, options, config, logger, signal }),
    config.shutdownDelayMs,
  )
}

interface Trade {
  readonly instance: Instance
  readonly options: StartOptions
  readonly config: Config
  readonly logger: Logger
  readonly signal: AbortSignal
}

/** Loads the demo, says where to look, and lets the simulated customers shop until the signal aborts. */
async function trade({ instance, options, config, logger, signal }: Trade): Promise<void> {
  const { url } = instance
  const at = { ingestUrl: url, serveUrl: url, clock: instance.engines.clock, logger, signal }
  if (options.demo) await sendDemo({ ...at, dataFolder: config.dataFolder })
  await instance.learned
  process.stdout.write(`Freshet is ready at ${url}\n`)
  const { nextReindex } = instance
  if (nextReindex !== undefined) {
    process.stdout.write(`The product vectors are made anew at ${nextReindex.toISOString()}\n`)
  }
  await sayWhatToTry(url)
  if (options.simulator) await runSimulator(at)
}
