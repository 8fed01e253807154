import { Command } from 'commander'
import { ConfigError, loadConfig } from '#app/config.ts'
import { checkDataFolder } from '#app/data-folder.ts'
import { archived, sendDemo } from '#app/demo/demo-shop.ts'
import { sayWhatToTry } from '#app/demo/say-what-to-try.ts'
import { runSimulator } from '#app/demo/simulator.ts'
import { systemClock } from '#engines/clock/system-clock.ts'
import { ClientError } from '#ingest/client/client-error.ts'
import { EventClient } from '#ingest/client/event-client.ts'
import { DEFAULT_URL, dataOption, option } from './options.ts'
import { processLogger, stopSignal } from './run-until-stopped.ts'

interface DemoCommandOptions {
  readonly ingestUrl: string
  readonly serveUrl: string
  readonly data: string
  readonly simulator: boolean
}

/** `freshet demo`: the demo shop and its customers, in a Freshet that runs already. */
export function demoCommand(): Command {
  return new Command('demo')
    .description('send the demo shop to a running Freshet and keep simulated customers shopping')
    .addOption(
      option('--ingest-url <URL>', 'where events go', 'FRESHET_INGEST_URL').default(
        'http://127.0.0.1:8081',
      ),
    )
    .addOption(
      option('--serve-url <URL>', 'where answers come from', 'FRESHET_SERVE_URL').default(
        DEFAULT_URL,
      ),
    )
    .addOption(dataOption('folder that remembers what was sent'))
    .addOption(option('--no-simulator', 'send the demo and end', 'FRESHET_NO_SIMULATOR'))
    .action(demo)
}

async function demo({ simulator, data, ...addresses }: DemoCommandOptions): Promise<void> {
  const signal = stopSignal()
  const config = loadConfig({ data })
  await checkDataFolder(config.dataFolder)
  const at = { ...addresses, clock: systemClock, logger: processLogger(config), signal }
  try {
    await assertTaken(addresses.ingestUrl, signal)
    await sendDemo({ ...at, dataFolder: config.dataFolder })
    await archived(at)
    process.stdout.write(`the demo shop is in ${addresses.serveUrl}\n`)
    await sayWhatToTry(addresses.serveUrl)
    if (simulator) await runSimulator(at)
  } catch (error) {
    if (!signal.aborted) throw error
  }
}

/** Otherwise the demo would wait in silence for a Freshet that is away. @throws ConfigError */
async function assertTaken(ingestUrl: string, signal: AbortSignal): Promise<void> {
  try {
    await new EventClient({ url: ingestUrl, clock: systemClock }).ping(signal)
  } catch (error) {
    if (!(error instanceof ClientError)) throw error
    throw new ConfigError(
      `nothing takes events at ${ingestUrl}; start it, or name it with --ingest-url and --serve-url`,
    )
  }
}
