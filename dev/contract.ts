/** `npm run contract -- --log kafka://… --tables clickhouse://…`: holds servers of your own to what the ports promise. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { Command, CommanderError } from 'commander'
import { type ContractUrls, contractRun } from './contract-run.ts'

const WRONG_USAGE = 2
const ROOT = join(import.meta.dirname, '..')
const VITEST = join(ROOT, 'node_modules/vitest/vitest.mjs')

const program = new Command('npm run contract --')
  .description(
    'Runs the contract suites on servers of your own: they make and remove what they need there. Exits as vitest does.',
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
  process.exitCode = await runVitest(folders, environment)
} catch (error) {
  // commander has told the person what was wrong, or shown the help that was asked for.
  if (!(error instanceof CommanderError)) throw error
  process.exitCode = error.exitCode === 0 ? 0 : WRONG_USAGE
}

async function runVitest(
  folders: readonly string[],
  environment: Readonly<Record<string, string>>,
): Promise<number> {
  process.stderr.write(`suites: ${folders.join(' ')}\n`)
  const child = spawn(process.execPath, [VITEST, 'run', ...folders], {
    cwd: ROOT,
    env: { ...process.env, ...environment },
    stdio: 'inherit',
  })
  const [code] = (await once(child, 'exit')) as [number | null]
  return code ?? 1
}
