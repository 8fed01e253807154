import type { SourceFile } from './repository.ts'

/** What the program and its package can be told to do. */
export interface Commands {
  /** Of `freshet`. */
  readonly verbs: ReadonlySet<string>
  /** Of `npm run`. */
  readonly scripts: ReadonlySet<string>
}

/** Options between a command and its verb, as in `npm run --silent freshet -- sql`. */
const OPTIONS = '(?:-{1,2}[a-z-]* )*'
const VERB = new RegExp(String.raw`\bfreshet ${OPTIONS}([a-z][a-z-]*)`, 'g')
const SCRIPT = new RegExp(String.raw`\bnpm run ${OPTIONS}([a-z][\w:-]*)`, 'g')

/** Commands that a page, a message or a comment advises and that are not there, one sentence each. */
export function commandViolations(
  { path, source }: SourceFile,
  { verbs, scripts }: Commands,
): readonly string[] {
  const named = (pattern: RegExp) => [...source.matchAll(pattern)].map(([, name = '']) => name)
  return [
    ...named(VERB)
      .filter((verb) => !verbs.has(verb))
      .map((verb) => `${path} names the command freshet ${verb}, which is not there`),
    ...named(SCRIPT)
      .filter((script) => !scripts.has(script))
      .map((script) => `${path} names the script ${script}, which package.json does not have`),
  ]
}
