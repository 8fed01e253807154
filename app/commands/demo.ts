import { Command, Option } from 'commander'
import { loadConfig } from '#app/config.ts'
import { checkDataFolder } from '#app/data-folder.ts'
import { archived, sendDemo } from '#app/demo/demo-shop.ts'
import { sayWhatToTry } from '#app/demo/say-what-to-try.ts'
import { runSimulator } from '#app/demo/simulator.ts'
import { systemClock } from '#engines/clock/system-clock.ts'
import { processLogger, stopSignal } from './run-until-stopped.ts'

interface DemoCommandOptions {
  readonly ingestUrl: string
  readonly serveUrl: string
  readonly data: string
  readonly simulator: boolean
}

/** `freshet demo`: the demo shop and its customers, in a Freshet that runs already. */
export function demoCommand(): Command {
  const option = (flags: string, description: string, env: string) =>
    new Option(flags, description).env(env)
  return new Command('demo')
    .description('send the demo shop to a running Freshet and keep simulated customers shopping')
    .addOption(
      option('--ingest-url <URL>', 'where events go', 'FRESHET_INGEST_URL').default(
        'http://127.0.0.1:8081',
      ),
    )
    .addOption(
      option('--serve-url <URL>', 'where answers come from', 'FRESHET_SERVE_URL').default(
        'http://127.0.0.1:8080',
      ),
    )
    .addOption(
      option('--data <DIR>', 'folder that remembers what was sent', 'FRESHET_DATA').default(
        './data',
      ),
    )
    .addOption(option('--no-simulator', 'send the demo and end', 'FRESHET_NO_SIMULATOR'))
    .action(demo)
}

async function demo({ simulator, data, ...addresses }: DemoCommandOptions): Promise<void> {
  const signal = stopSignal()
  const config = loadConfig({ host: '', port: 0, data })
  await checkDataFolder(config.dataFolder)
  const at = { ...addresses, clock: systemClock, logger: processLogger(config), signal }
  try {
    await sendDemo({ ...at, dataFolder: config.dataFolder })
    await archived(at)
    process.stdout.write(`the demo shop is in ${addresses.serveUrl}\n`)
    await sayWhatToTry(addresses.serveUrl)
    if (simulator) await runSimulator(at)
  } catch (error) {
    if (!signal.aborted) throw error
  }
}
