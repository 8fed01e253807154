import { type Command, InvalidArgumentError, Option } from 'commander'

/** Where a running Freshet answers, unless said otherwise. */
export const DEFAULT_URL = 'http://127.0.0.1:8080'

/** An option with its twin in the environment, which `--help` lists. */
export function option(flags: string, description: string, env: string): Option {
  return new Option(flags, description).env(env)
}

/** One that is off unless given. */
export function flag(flags: string, description: string, env: string): Option {
  return option(flags, description, env).default(false)
}

export function dataOption(description = 'folder for all state'): Option {
  return option('--data <DIR>', description, 'FRESHET_DATA').default('./data')
}

/** Adds the options of every command that keeps running: where it listens, where it keeps state. */
export function withPlacement(command: Command, defaultPort: number): Command {
  return command
    .addOption(option('--host <HOST>', 'address to listen on', 'FRESHET_HOST').default('127.0.0.1'))
    .addOption(
      option('--port <PORT>', 'port to listen on; 0 picks a free one', 'FRESHET_PORT')
        .argParser(portNumber)
        .default(defaultPort),
    )
    .addOption(dataOption())
}

/** @throws InvalidArgumentError unless it is a number above 0 */
export function positive(text: string): number {
  const value = Number(text)
  if (Number.isFinite(value) && value > 0) return value
  throw new InvalidArgumentError('It must be a number above 0.')
}

function portNumber(text: string): number {
  const port = Number(text)
  if (Number.isInteger(port) && port >= 0 && port <= 65_535) return port
  throw new InvalidArgumentError('It must be a whole number from 0 to 65535.')
}
