import { EngineError, type EngineErrorCode } from '#engines/errors.ts'

/** What the engine's numbered exceptions mean to a caller; all others are refusals. */
const TROUBLE: Readonly<Record<number, EngineErrorCode>> = {
  159: 'ENGINE_TIMEOUT', // TIMEOUT_EXCEEDED
  394: 'ENGINE_TIMEOUT', // QUERY_WAS_CANCELLED
  202: 'ENGINE_OVERLOADED', // TOO_MANY_SIMULTANEOUS_QUERIES
  252: 'ENGINE_OVERLOADED', // TOO_MANY_PARTS
  74: 'ENGINE_UNAVAILABLE', // CANNOT_READ_FROM_FILE_DESCRIPTOR
  75: 'ENGINE_UNAVAILABLE', // CANNOT_WRITE_TO_FILE_DESCRIPTOR
  76: 'ENGINE_UNAVAILABLE', // CANNOT_OPEN_FILE
  236: 'ENGINE_UNAVAILABLE', // ABORTED
  243: 'ENGINE_UNAVAILABLE', // NOT_ENOUGH_SPACE
  40: 'ENGINE_CORRUPT', // CHECKSUM_DOESNT_MATCH
  226: 'ENGINE_CORRUPT', // NO_FILE_IN_DATA_PART
  228: 'ENGINE_CORRUPT', // BAD_SIZE_OF_FILE_IN_DATA_PART
  246: 'ENGINE_CORRUPT', // CORRUPTED_DATA
}
const MEMORY_LIMIT_EXCEEDED = 241
const FINAL: ReadonlySet<EngineErrorCode> = new Set(['ENGINE_REFUSED', 'ENGINE_CORRUPT'])

/** The error that an exception of chDB stands for, in the engine's words and with its number, without its noise. */
export function engineErrorOf(cause: unknown): EngineError {
  if (cause instanceof Error && 'code' in cause && cause.code === 'CHDB_CLOSED') {
    return new EngineError('ENGINE_CLOSED', 'the tables are closed', { retriable: false, cause })
  }
  const raw = cause instanceof Error ? cause.message : String(cause)
  const code = Number(/Code: (\d+)/.exec(raw)?.[1])
  const words = raw
    .replace(/^Query failed: /, '')
    .replace(/Code: \d+\. DB::Exception: /g, '')
    .replace(/ \(version [^)]*\)/g, '')
    .replace(/(\. \([A-Z_0-9]+\))\1+$/, '$1')
    .trim()
  const kind = kindOf(code, words)
  const message = Number.isNaN(code) ? words : `${words} [${code}]`
  return new EngineError(kind, message, { retriable: !FINAL.has(kind), cause })
}

/** A query that alone needs too much is refused; when all of them together do, it may fit later. */
function kindOf(code: number, words: string): EngineErrorCode {
  if (code !== MEMORY_LIMIT_EXCEEDED) return TROUBLE[code] ?? 'ENGINE_REFUSED'
  return words.startsWith('Query memory limit') ? 'ENGINE_REFUSED' : 'ENGINE_OVERLOADED'
}
