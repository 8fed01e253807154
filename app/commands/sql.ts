import { existsSync } from 'node:fs'
import { Argument, Command } from 'commander'
import { pino } from 'pino'
import { askSql } from '#app/ask-sql.ts'
import { ConfigError, loadConfig } from '#app/config.ts'
import { openEngines } from '#app/engines/open-engines.ts'
import { holdDataFolder } from '#app/hold-data-folder.ts'
import { folderOf, isEmbedded } from '#engines/embedded-url.ts'
import { DEFAULT_URL, option } from './options.ts'

interface SqlOptions {
  readonly format: string
  readonly url?: string
  readonly data?: string
}

/** `freshet sql`: read-only SQL on the tables, through the running process or on the folder of one that is stopped. */
export function sqlCommand(): Command {
  return new Command('sql')
    .description(
      'run read-only SQL on the tables; views to rely on: events, order_lines, order_minutes, product_minutes, category_minutes, products',
    )
    .addArgument(new Argument('<QUERY>', 'one SELECT'))
    .addOption(
      option(
        '--format <FORMAT>',
        'a ClickHouse output format: PrettyCompact, CSVWithNames, JSONEachRow, …',
        'FRESHET_FORMAT',
      ).default('JSONEachRow'),
    )
    .addOption(option('--url <URL>', `the running process (default ${DEFAULT_URL})`, 'FRESHET_URL'))
    .addOption(
      option('--data <DIR>', 'the folder of a process that is stopped', 'FRESHET_DATA').conflicts(
        'url',
      ),
    )
    .action(async (query: string, options: SqlOptions) => {
      const text =
        options.data === undefined
          ? await askSql(options.url ?? DEFAULT_URL, query, options.format)
          : await read(options.data, query, options.format)
      process.stdout.write(text)
    })
}

async function read(data: string, query: string, format: string): Promise<string> {
  const config = loadConfig({ data })
  const logger = pino({ level: config.logLevel }, pino.destination(2))
  const { tables: url } = config.urls
  if (isEmbedded(url) && !existsSync(folderOf(url))) {
    throw new ConfigError(`there are no tables in ${data}; name the folder that was given to start`)
  }
  using _ = holdDataFolder(config, 'ask that with --url instead')
  await using engines = await openEngines(['tables'], config, logger)
  return await engines.tables.read(query, format)
}
