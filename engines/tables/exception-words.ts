import { EngineError, type EngineErrorCode } from '../errors.ts'

/** Codes for ClickHouse's numbered exceptions; all others are refusals. */
const CODES: Readonly<Record<number, EngineErrorCode>> = {
  159: 'ENGINE_TIMEOUT', // TIMEOUT_EXCEEDED
  160: 'ENGINE_TIMEOUT', // TOO_SLOW
  394: 'ENGINE_TIMEOUT', // QUERY_WAS_CANCELLED
  201: 'ENGINE_OVERLOADED', // QUOTA_EXCEEDED
  202: 'ENGINE_OVERLOADED', // TOO_MANY_SIMULTANEOUS_QUERIES
  252: 'ENGINE_OVERLOADED', // TOO_MANY_PARTS
  439: 'ENGINE_OVERLOADED', // CANNOT_SCHEDULE_TASK
  745: 'ENGINE_OVERLOADED', // SERVER_OVERLOADED
  74: 'ENGINE_UNAVAILABLE', // CANNOT_READ_FROM_FILE_DESCRIPTOR
  75: 'ENGINE_UNAVAILABLE', // CANNOT_WRITE_TO_FILE_DESCRIPTOR
  76: 'ENGINE_UNAVAILABLE', // CANNOT_OPEN_FILE
  209: 'ENGINE_UNAVAILABLE', // SOCKET_TIMEOUT
  210: 'ENGINE_UNAVAILABLE', // NETWORK_ERROR
  225: 'ENGINE_UNAVAILABLE', // NO_ZOOKEEPER
  236: 'ENGINE_UNAVAILABLE', // ABORTED
  242: 'ENGINE_UNAVAILABLE', // TABLE_IS_READ_ONLY: its replica has lost the keeper
  243: 'ENGINE_UNAVAILABLE', // NOT_ENOUGH_SPACE
  279: 'ENGINE_UNAVAILABLE', // ALL_CONNECTION_TRIES_FAILED
  285: 'ENGINE_UNAVAILABLE', // TOO_FEW_LIVE_REPLICAS
  286: 'ENGINE_UNAVAILABLE', // UNSATISFIED_QUORUM_FOR_PREVIOUS_WRITE
  319: 'ENGINE_UNAVAILABLE', // UNKNOWN_STATUS_OF_INSERT
  517: 'ENGINE_UNAVAILABLE', // CANNOT_ASSIGN_ALTER: another process alters the table
  999: 'ENGINE_UNAVAILABLE', // KEEPER_EXCEPTION
  40: 'ENGINE_CORRUPT', // CHECKSUM_DOESNT_MATCH
  226: 'ENGINE_CORRUPT', // NO_FILE_IN_DATA_PART
  228: 'ENGINE_CORRUPT', // BAD_SIZE_OF_FILE_IN_DATA_PART
  246: 'ENGINE_CORRUPT', // CORRUPTED_DATA
}
const MEMORY_LIMIT_EXCEEDED = 241

/** The EngineError for an exception of ClickHouse: the engine's message with its number, without the rest. */
export function errorOfException(raw: string, cause: unknown): EngineError {
  const code = Number(/Code: (\d+)/.exec(raw)?.[1])
  const words = raw
    .replace(/Code: \d+\. DB::Exception: /g, '')
    .replace(/ \(version [^)]*\)+/g, '')
    .trim()
    .replace(/(\. \([A-Z_0-9]+\))\1+$/, '$1')
  const kind = kindOf(code, words)
  const message = Number.isNaN(code) ? words : `${words} [${code}]`
  return new EngineError(kind, message, { cause })
}

/** A query over its own memory limit is refused; over the limit of all queries, it may fit later. */
function kindOf(code: number, words: string): EngineErrorCode {
  if (code !== MEMORY_LIMIT_EXCEEDED) return CODES[code] ?? 'ENGINE_REFUSED'
  return words.startsWith('Query memory limit') ? 'ENGINE_REFUSED' : 'ENGINE_OVERLOADED'
}
