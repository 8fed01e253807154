import { EngineError } from '../errors.ts'
import { quote } from './literals.ts'
import { assertReadOnly } from './read-only.ts'

/** Runs a statement of ours and resolves with its output in a format. @throws EngineError */
export type Evaluate = (sql: string, format: string) => Promise<string>

/** Functions that the engine wrongly forbids to readers, and wrongly allows them. */
const HARMLESS = ['dictionary', 'format', 'loop', 'viewExplain', 'zeros', 'zeros_mt']
const HARMFUL = ['catboostEvaluate', 'eval', 'file']

/** Checks statements with the engine's own parser before they run in a read-only session. */
export class ReadOnlyGuard {
  readonly #outside: ReadonlySet<string>

  private constructor(outside: ReadonlySet<string>) {
    this.#outside = outside
  }

  static async of(evaluate: Evaluate): Promise<ReadOnlyGuard> {
    const listed = await evaluate(
      `SELECT name FROM system.table_functions WHERE NOT allow_readonly AND name NOT IN (${HARMLESS.map(quote).join(', ')})
       UNION ALL SELECT name FROM system.functions WHERE name LIKE 'ai%' AND match(name, '^ai[A-Z]')`,
      'TabSeparated',
    )
    const names = [...listed.split('\n').filter(Boolean), ...HARMFUL]
    return new ReadOnlyGuard(new Set(names.map((name) => name.toLowerCase())))
  }

  /** The statement as the engine prints it, which is one that only reads. @throws EngineError ENGINE_REFUSED */
  async admit(evaluate: Evaluate, sql: string): Promise<string> {
    const statement = await reprint(evaluate, sql)
    assertReadOnly(statement, this.#outside)
    return statement
  }
}

/** The text as the engine's parser prints it: one statement on one line, without comments. */
async function reprint(evaluate: Evaluate, sql: string): Promise<string> {
  try {
    return await evaluate(`SELECT formatQuerySingleLine(${quote(sql)})`, 'RawBLOB')
  } catch (cause) {
    if (!(cause instanceof EngineError)) throw cause
    // Only the part of the message about the caller's statement, not about ours around it.
    const words = cause.message.replace(/:? In scope SELECT[\s\S]*(?=\. \()/, '')
    throw new EngineError(cause.code, words, { cause })
  }
}
