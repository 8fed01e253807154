/**
 * Why a call of an engine failed; the page of each is docs/errors/<code>.md. `isRetriable`: the same call may
 * succeed later, so the caller retries with backoff.
 */
const CODES = {
  ENGINE_UNAVAILABLE: { isRetriable: true },
  ENGINE_TIMEOUT: { isRetriable: true },
  ENGINE_OVERLOADED: { isRetriable: true },
  ENGINE_REFUSED: { isRetriable: false },
  ENGINE_CORRUPT: { isRetriable: false },
  ENGINE_CLOSED: { isRetriable: false },
  LEASE_LOST: { isRetriable: false },
  OFFSET_OUT_OF_RANGE: { isRetriable: false },
  UNKNOWN_TOPIC: { isRetriable: false },
  UNKNOWN_SCHEMA: { isRetriable: true },
  UNKNOWN_COLLECTION: { isRetriable: false },
  INCOMPATIBLE_SCHEMA: { isRetriable: false },
  DATA_FOLDER_IN_USE: { isRetriable: false },
} as const
export type EngineErrorCode = keyof typeof CODES
export const ENGINE_ERROR_CODES = Object.keys(CODES) as readonly EngineErrorCode[]

interface EngineErrorOptions {
  /** Where it differs from the default of the code. */
  readonly retriable?: boolean
  readonly cause?: unknown
}

/** A failure of an engine, of any adapter. Bad records are never errors: they are returned as results. */
export class EngineError extends Error {
  override readonly name = 'EngineError'
  readonly code: EngineErrorCode
  /** True when the same call may succeed later: the caller retries with backoff. */
  readonly retriable: boolean

  constructor(code: EngineErrorCode, message: string, options: EngineErrorOptions = {}) {
    super(message, { cause: options.cause })
    this.code = code
    this.retriable = options.retriable ?? CODES[code].isRetriable
  }
}

type Create = (message: string, options?: EngineErrorOptions) => EngineError
const creatorOf =
  (code: EngineErrorCode): Create =>
  (message, options) =>
    new EngineError(code, message, options)

export const unavailable = creatorOf('ENGINE_UNAVAILABLE')
export const timedOut = creatorOf('ENGINE_TIMEOUT')
export const overloaded = creatorOf('ENGINE_OVERLOADED')
export const refused = creatorOf('ENGINE_REFUSED')
export const corrupt = creatorOf('ENGINE_CORRUPT')
export const closed = creatorOf('ENGINE_CLOSED')
