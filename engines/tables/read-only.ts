import { refused } from '../errors.ts'
import { bareSql } from './sql-text.ts'

/** Statements that only read. SYSTEM, KILL, BACKUP, GRANT and the like pass some of the engine's own read-only checks. */
const READS = /^[\s(]*(SELECT|WITH|SHOW|DESCRIBE|DESC|EXPLAIN|EXISTS)\b/i

/**
 * Refuses what a reader must not do. `statement` is one statement as the engine's own parser printed it, so that nothing
 * can be hidden by unusual syntax; `outside` names the functions that reach files or the network.
 * @throws EngineError ENGINE_REFUSED
 */
export function assertReadOnly(statement: string, outside: ReadonlySet<string>): void {
  const bare = bareSql(statement)
  if (!READS.test(bare)) {
    throw refused('only SELECT, WITH, SHOW, DESCRIBE, EXPLAIN and EXISTS can be run here')
  }
  const [clause] = /\b(INTO\s+OUTFILE|PARALLEL\s+WITH)\b/i.exec(bare) ?? []
  if (clause !== undefined) throw refused(`${clause} cannot be used here`)
  for (const [, name = ''] of bare.matchAll(/(\w+)\s*\(/g)) {
    if (outside.has(name.toLowerCase())) {
      throw refused(`the function ${name} reaches outside the tables and cannot be used here`)
    }
  }
}
