/** `npm run contract -- --log kafka://… --tables clickhouse://…`: runs the contract suites on your own servers. */
import { join } from 'node:path'
import { Command, CommanderError } from 'commander'
import { type ContractUrls, contractRun } from './contract-run.ts'
import { runNode } from './processes/run-node.ts'

const WRONG_USAGE = 2
const ROOT = join(import.meta.dirname, '..')
const VITEST = join(ROOT, 'node_modules/vitest/vitest.mjs')

const program = new Command('npm run contract --')
  .description(
    'Runs the contract suites on your own servers; they create and remove what they need there. Exits as vitest does.',
  )
  .option('--log <URL>', 'kafka://host:9092')
  .option('--registry <URL>', 'http://host:8085/apis/ccompat/v7')
  .option('--tables <URL>', 'clickhouse://host:8123/database')
  .option('--vectors <URL>', 'qdrant://host:6333')
  .option('--cache <URL>', 'redis://host:6379')
  .showHelpAfterError('(add --help for the options)')
  .exitOverride()

try {
  const urls = program.parse().opts<ContractUrls>()
  const { folders, environment } = contractRun(urls)
  if (folders.length === 0) program.error('name at least one server')
  process.stderr.write(`suites: ${folders.join(' ')}\n`)
  process.exitCode = (await runNode([VITEST, 'run', ...folders], { environment, cwd: ROOT })) ?? 1
} catch (error) {
  // commander has already printed the mistake or the help.
  if (!(error instanceof CommanderError)) throw error
  process.exitCode = error.exitCode === 0 ? 0 : WRONG_USAGE
}
