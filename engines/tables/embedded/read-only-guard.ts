import type { Session } from 'chdb'
import { EngineError } from '#engines/errors.ts'
import { quote } from '../literals.ts'
import { assertReadOnly } from '../read-only.ts'
import { engineErrorOf } from './engine-words.ts'

/** Table functions that the engine keeps from readers although they stay inside; and what it lets pass although it should not. */
const HARMLESS = ['dictionary', 'format', 'loop', 'viewExplain', 'zeros', 'zeros_mt']
const HARMFUL = ['catboostEvaluate', 'eval', 'file']

/** Checks statements by the engine's own parser before they run with the rights of a reader. */
export class ReadOnlyGuard {
  readonly #outside: ReadonlySet<string>

  private constructor(outside: ReadonlySet<string>) {
    this.#outside = outside
  }

  static async of(session: Session): Promise<ReadOnlyGuard> {
    const result = await session.queryAsync(
      `SELECT name FROM system.table_functions WHERE NOT allow_readonly AND name NOT IN (${HARMLESS.map(quote).join(', ')})
       UNION ALL SELECT name FROM system.functions WHERE name LIKE 'ai%' AND match(name, '^ai[A-Z]')`,
      { format: 'TabSeparated' },
    )
    const names = [...result.text().split('\n').filter(Boolean), ...HARMFUL]
    return new ReadOnlyGuard(new Set(names.map((name) => name.toLowerCase())))
  }

  /** The statement as the engine reads it, known to be one and only to look. @throws EngineError ENGINE_REFUSED */
  async admit(session: Session, sql: string): Promise<string> {
    const statement = await reprint(session, sql)
    assertReadOnly(statement, this.#outside)
    return statement
  }
}

/** What the engine's parser makes of the text: one statement on one line, without comments. */
async function reprint(session: Session, sql: string): Promise<string> {
  const query = `SELECT formatQuerySingleLine(${quote(sql)})`
  try {
    return (await session.queryAsync(query, { format: 'RawBLOB' })).text()
  } catch (cause) {
    const { code, message, retriable } = engineErrorOf(cause)
    // The words about the caller's statement, not those about ours around it.
    throw new EngineError(code, message.replace(/:? In scope SELECT[\s\S]*(?=\. \()/, ''), {
      retriable,
      cause,
    })
  }
}
