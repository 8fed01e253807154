import { EngineError } from '#engines/errors.ts'
import type { Tables } from '../port.ts'

/** The oldest whose tokens and views work as ours rely on: the one that the embedded tables have inside. */
const OLDEST = [26, 7] as const

/** @throws EngineError ENGINE_REFUSED when the server is too old */
export async function assertVersion(tables: Pick<Tables, 'query'>): Promise<void> {
  const [row] = await tables.query<{ version: string }>('SELECT version() AS version')
  const version = row?.version ?? ''
  const [major = 0, minor = 0] = version.split('.').map(Number)
  if (major > OLDEST[0] || (major === OLDEST[0] && minor >= OLDEST[1])) return
  const message = `ClickHouse ${version} is too old: Freshet needs ${OLDEST.join('.')} or later`
  throw new EngineError('ENGINE_REFUSED', message, { retriable: false })
}
