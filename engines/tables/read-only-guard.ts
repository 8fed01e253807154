import { EngineError } from '../errors.ts'
import { quote } from './literals.ts'
import { assertReadOnly } from './read-only.ts'

/** Runs a statement of ours and resolves with its output in a format. @throws EngineError */
export type Evaluate = (sql: string, format: string) => Promise<string>

/** Table functions that the engine keeps from readers although they stay inside; and what it lets pass although it should not. */
const HARMLESS = ['dictionary', 'format', 'loop', 'viewExplain', 'zeros', 'zeros_mt']
const HARMFUL = ['catboostEvaluate', 'eval', 'file']

/** Checks statements by the engine's own parser before they run with the rights of a reader. */
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

  /** The statement as the engine reads it, known to be one and only to look. @throws EngineError ENGINE_REFUSED */
  async admit(evaluate: Evaluate, sql: string): Promise<string> {
    const statement = await reprint(evaluate, sql)
    assertReadOnly(statement, this.#outside)
    return statement
  }
}

/** What the engine's parser makes of the text: one statement on one line, without comments. */
async function reprint(evaluate: Evaluate, sql: string): Promise<string> {
  try {
    return await evaluate(`SELECT formatQuerySingleLine(${quote(sql)})`, 'RawBLOB')
  } catch (cause) {
    if (!(cause instanceof EngineError)) throw cause
    // The words about the caller's statement, not those about ours around it.
    const words = cause.message.replace(/:? In scope SELECT[\s\S]*(?=\. \()/, '')
    throw new EngineError(cause.code, words, { cause })
  }
}
