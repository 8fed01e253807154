import { Command, CommanderError } from 'commander'
import { EngineError } from '#engines/errors.ts'
import packageJson from '../package.json' with { type: 'json' }
import { ConfigError, SettingError } from './config.ts'

/** Exit codes: done, failed, wrong usage. */
const FAILED = 1
const WRONG_USAGE = 2

/** Runs one command and sets the exit code. A command is loaded when it is called for: `ingest` needs no engine. */
export async function runCommandLine(argv: readonly string[]): Promise<void> {
  const program = new Command('freshet')
    .description('Streaming analytics and recommendations for commerce.')
    .version(packageJson.version)
    .showHelpAfterError('(add --help for the options)')
    .exitOverride()
  for (const command of await loadCommands()) {
    program.addCommand(command.copyInheritedSettings(program))
  }
  const [node = '', script = '', name = ''] = argv
  const isUnknown = /^\w/.test(name) && !program.commands.some((command) => command.name() === name)
  try {
    // The options of an unknown command are ignored: with `--help` commander would print the help of the program.
    await program.parseAsync(isUnknown && name !== 'help' ? [node, script, name] : argv)
  } catch (error) {
    process.exitCode = exitCodeOf(error)
  }
}

/** Every command, in the order of --help. */
export async function loadCommands(): Promise<readonly Command[]> {
  const { startCommand } = await import('./commands/start.ts')
  const { ingestCommand } = await import('./commands/ingest.ts')
  const { evaluateCommand } = await import('./commands/evaluate.ts')
  const { sqlCommand } = await import('./commands/sql.ts')
  const { doctorCommand } = await import('./commands/doctor.ts')
  const { demoCommand } = await import('./commands/demo.ts')
  const { initCommand } = await import('./commands/init.ts')
  const { reindexCommand } = await import('./commands/reindex.ts')
  const { processCommand, serveCommand } = await import('./commands/roles.ts')
  return [
    startCommand(),
    ingestCommand(),
    demoCommand(),
    evaluateCommand(),
    sqlCommand(),
    doctorCommand(),
    initCommand(),
    reindexCommand(),
    processCommand(),
    serveCommand(),
  ]
}

function exitCodeOf(error: unknown): number {
  // commander has told the person what was wrong, or shown the help that was asked for.
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : WRONG_USAGE
  const isExpected = error instanceof ConfigError || error instanceof EngineError
  const text = isExpected
    ? error.message
    : error instanceof Error
      ? (error.stack ?? error.message)
      : String(error)
  process.stderr.write(`freshet: ${text}\n`)
  return error instanceof SettingError ? WRONG_USAGE : FAILED
}
