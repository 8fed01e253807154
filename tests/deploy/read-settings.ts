import { loadCommands } from '#app/command-line.ts'
import { SETTING_NAMES } from '#app/config.ts'

/** The variables that some process of Freshet reads: the configuration's, and the twins of the options of every command. */
export async function readSettings(): Promise<ReadonlySet<string>> {
  const commands = await loadCommands()
  const twins = commands.flatMap(({ options }) => options.flatMap(({ envVar }) => envVar ?? []))
  return new Set([...SETTING_NAMES, ...twins])
}

/** Those that would change nothing, one sentence each. */
export function unreadSettings(
  names: readonly string[],
  known: ReadonlySet<string>,
): readonly string[] {
  return [...new Set(names)]
    .filter((name) => !known.has(name))
    .map((name) => `nobody reads ${name}`)
}
