import { type Command, InvalidArgumentError, Option } from 'commander'

/** Adds the options of every command that stays: where it listens, where it keeps state. */
export function withPlacement(command: Command, defaultPort: number): Command {
  const option = (flags: string, description: string, env: string) =>
    new Option(flags, description).env(env)
  return command
    .addOption(option('--host <HOST>', 'address to listen on', 'FRESHET_HOST').default('127.0.0.1'))
    .addOption(
      option('--port <PORT>', 'port to listen on; 0 picks a free one', 'FRESHET_PORT')
        .argParser(portNumber)
        .default(defaultPort),
    )
    .addOption(option('--data <DIR>', 'folder for all state', 'FRESHET_DATA').default('./data'))
}

function portNumber(text: string): number {
  const port = Number(text)
  if (Number.isInteger(port) && port >= 0 && port <= 65_535) return port
  throw new InvalidArgumentError('It must be a whole number from 0 to 65535.')
}
