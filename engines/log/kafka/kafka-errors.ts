import protocolError from 'kafkajs/src/protocol/error.js'
import { EngineError, type EngineErrorCode } from '#engines/errors.ts'

/** Error codes of the protocol that the adapter itself acts on. */
export const CODE = {
  NONE: 0,
  OFFSET_OUT_OF_RANGE: 1,
  UNKNOWN_TOPIC_OR_PARTITION: 3,
  MESSAGE_TOO_LARGE: 10,
  NOT_COORDINATOR: 16,
  RECORD_LIST_TOO_LARGE: 18,
  ILLEGAL_GENERATION: 22,
  UNKNOWN_MEMBER_ID: 25,
  REBALANCE_IN_PROGRESS: 27,
  TOPIC_ALREADY_EXISTS: 36,
  MEMBER_ID_REQUIRED: 79,
  FENCED_INSTANCE_ID: 82,
} as const

/** Errors that a retry cannot fix: a setting has to change. */
const REFUSALS: ReadonlySet<string> = new Set([
  'SASL_AUTHENTICATION_FAILED',
  'UNSUPPORTED_SASL_MECHANISM',
  'ILLEGAL_SASL_STATE',
  'SECURITY_DISABLED',
  'TOPIC_AUTHORIZATION_FAILED',
  'GROUP_AUTHORIZATION_FAILED',
  'CLUSTER_AUTHORIZATION_FAILED',
  'POLICY_VIOLATION',
  'INVALID_CONFIG',
  'INVALID_TOPIC_EXCEPTION',
  'INVALID_PARTITIONS',
  'INVALID_REPLICATION_FACTOR',
  'INVALID_GROUP_ID',
  'INVALID_SESSION_TIMEOUT',
  'INCONSISTENT_GROUP_PROTOCOL',
  'GROUP_MAX_SIZE_REACHED',
  'OFFSET_METADATA_TOO_LARGE',
  'MESSAGE_TOO_LARGE',
  'RECORD_LIST_TOO_LARGE',
  'INVALID_RECORD',
  'UNSUPPORTED_VERSION',
  'UNSUPPORTED_COMPRESSION_TYPE',
])

/** Certificate errors, which a retry cannot fix; see Node's `tls` for the codes. */
const TLS_CODES = /CERT|SELF_SIGNED|ERR_TLS|ERR_SSL|UNABLE_TO_/

/** An error code of the protocol as an error, for throwing. `doing` is the start of the sentence: 'cannot append to t/0'. */
export function protocolFailure(code: number, doing: string): EngineError {
  return engineErrorOf(protocolError.createErrorFromCode(code), doing)
}

/** @throws EngineError when the code says that something went wrong */
export function checkCode(code: number, doing: string): void {
  if (code !== CODE.NONE) throw protocolFailure(code, doing)
}

/** The EngineError for a failure of kafkajs, of the network or of a broker. */
export function engineErrorOf(error: unknown, doing: string): EngineError {
  if (error instanceof EngineError) return error
  if (!(error instanceof Error)) throw new TypeError(`${String(error)} was thrown`)
  const { type, code } = error as { type?: string; code?: string }
  const message = `${doing}: ${error.message}`
  const as = (name: EngineErrorCode, advice = '') =>
    new EngineError(name, `${message}${advice}`, { cause: error })

  if (type === 'UNKNOWN_TOPIC_OR_PARTITION') return as('UNKNOWN_TOPIC', '; create the topic first')
  if (error.name === 'KafkaJSSASLAuthenticationError')
    return as('ENGINE_REFUSED', '; check user, password and sasl= in the URL')
  if (type !== undefined && REFUSALS.has(type)) return as('ENGINE_REFUSED')
  if (code !== undefined && TLS_CODES.test(code))
    return as('ENGINE_REFUSED', '; check tls= and ca= in the URL')
  // Other errors that kafkajs itself throws are about connections and brokers, which may come back.
  if (type !== undefined || error.name.startsWith('KafkaJS')) return as('ENGINE_UNAVAILABLE')
  throw error
}
