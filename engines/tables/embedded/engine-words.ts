import { EngineError } from '#engines/errors.ts'
import { errorOfException } from '../exception-words.ts'

/** The error that an exception of chDB stands for. */
export function engineErrorOf(cause: unknown): EngineError {
  if (cause instanceof Error && 'code' in cause && cause.code === 'CHDB_CLOSED') {
    return new EngineError('ENGINE_CLOSED', 'the tables are closed', { cause })
  }
  const raw = cause instanceof Error ? cause.message : String(cause)
  return errorOfException(raw.replace(/^Query failed: /, ''), cause)
}
