/** Why an engine refused; the page of each is docs/errors/<code>.md. */
export const ENGINE_ERROR_CODES = [
  'ENGINE_UNAVAILABLE',
  'ENGINE_TIMEOUT',
  'ENGINE_OVERLOADED',
  'ENGINE_REFUSED',
  'ENGINE_CORRUPT',
  'ENGINE_CLOSED',
  'LEASE_LOST',
  'OFFSET_OUT_OF_RANGE',
  'UNKNOWN_TOPIC',
  'UNKNOWN_SCHEMA',
  'UNKNOWN_COLLECTION',
  'INCOMPATIBLE_SCHEMA',
  'DATA_FOLDER_IN_USE',
] as const
export type EngineErrorCode = (typeof ENGINE_ERROR_CODES)[number]

interface EngineErrorOptions {
  /** True when the same call may succeed later: the caller retries with backoff. */
  readonly retriable: boolean
  readonly cause?: unknown
}

/** Trouble with an engine, of any adapter. Bad records are never errors: they are returned as results. */
export class EngineError extends Error {
  override readonly name = 'EngineError'
  readonly code: EngineErrorCode
  readonly retriable: boolean

  constructor(code: EngineErrorCode, message: string, options: EngineErrorOptions) {
    super(message, { cause: options.cause })
    this.code = code
    this.retriable = options.retriable
  }
}
