import { EngineError } from '#engines/errors.ts'

/** The oldest whose tokens and settings are those that ours rely on: the one that the embedded tables have inside. */
const OLDEST = [26, 7] as const

/** @throws EngineError ENGINE_REFUSED when a server of this version is too old */
export function assertVersion(version: string): void {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  if (major > OLDEST[0] || (major === OLDEST[0] && minor >= OLDEST[1])) return
  const message = `ClickHouse ${version} is too old: Freshet needs ${OLDEST.join('.')} or later`
  throw new EngineError('ENGINE_REFUSED', message)
}
