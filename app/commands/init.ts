import { Command } from 'commander'
import { ConfigError, loadConfig } from '#app/config.ts'
import { openEngines } from '#app/engines/open-engines.ts'
import { PREPARED_ENGINES, prepareEngines } from '#app/prepare-engines.ts'
import { retryForever } from '#pipeline/retry.ts'
import { dataOption, option, positive } from './options.ts'
import { processLogger } from './run-until-stopped.ts'

interface InitOptions {
  readonly data: string
  readonly wait: number
}

/** `freshet init`: makes what is missing in the engines. */
export function initCommand(): Command {
  return new Command('init')
    .description(
      'make topics, register schemas, migrate tables, create collections; what is there stays as it is',
    )
    .addOption(
      option('--wait <SECONDS>', 'how long to wait for engines that do not answer', 'FRESHET_WAIT')
        .argParser(positive)
        .default(60),
    )
    .addOption(dataOption())
    .action(init)
}

async function init({ data, wait }: InitOptions): Promise<void> {
  const config = loadConfig({ data })
  const logger = processLogger(config)
  await using engines = await openEngines(PREPARED_ENGINES, config, logger)
  const deadline = AbortSignal.timeout(wait * 1_000)
  let last: unknown
  const prepare = async () => {
    try {
      await prepareEngines(engines, config)
    } catch (error) {
      last = error
      throw error
    }
  }
  const preparing = retryForever('an engine', logger)(prepare, deadline)
  const late = new Promise<never>((_, reject) => {
    deadline.addEventListener('abort', () => {
      const why = last instanceof Error ? last.message : 'no engine has answered'
      reject(
        new ConfigError(
          `not prepared within ${wait} s: ${why}; \`freshet doctor\` names the engine`,
        ),
      )
    })
  })
  await Promise.race([preparing, late])
  process.stderr.write(
    `topics, schemas, tables and collections are there (${Object.values(config.urls).map(place).join(', ')})\n`,
  )
}

/** The URL without what is secret in it. */
function place(url: string): string {
  return url.replace(/\/\/[^@/]*@/, '//').replace(/\?.*$/, '')
}
