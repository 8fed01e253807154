import { EngineError, type EngineErrorCode } from '#engines/errors.ts'

const WORDS_MAX = 300

/** What the client threw, as an EngineError with the server's message. */
export function qdrantError(baseUrl: string, error: unknown): EngineError {
  const failed = (code: EngineErrorCode, how: string) =>
    new EngineError(code, `Qdrant at ${baseUrl} ${how}`, { cause: error })

  const answer = answerOf(error)
  if (answer === undefined)
    return failed('ENGINE_UNAVAILABLE', `cannot be reached (${causeOf(error)})`)
  const code = codeOf(answer)
  const advice = code === 'UNKNOWN_COLLECTION' ? ' Create it first' : ''
  return failed(code, `answers ${answer.status}: ${wordsOf(answer)}${advice}`)
}

/** Whether Qdrant refused because the collection is there already. */
export function isConflict(error: unknown): boolean {
  return error instanceof EngineError && answerOf(error.cause)?.status === 409
}

interface Answer {
  readonly status: number
  readonly data: unknown
}

function codeOf({ status, data }: Answer): EngineErrorCode {
  if (status === 408 || status === 504) return 'ENGINE_TIMEOUT'
  if (status === 429) return 'ENGINE_OVERLOADED'
  if (status >= 500 && status !== 501) return 'ENGINE_UNAVAILABLE'
  // A 404 without Qdrant's error format is from another server.
  return status === 404 && saysError(data) ? 'UNKNOWN_COLLECTION' : 'ENGINE_REFUSED'
}

/** The client exports no common class of its errors for answers. */
function answerOf(error: unknown): Answer | undefined {
  if (!(error instanceof Error)) return undefined
  if ('retry_after' in error) return { status: 429, data: error.message }
  if (!('status' in error) || typeof error.status !== 'number') return undefined
  return { status: error.status, data: 'data' in error ? error.data : undefined }
}

function wordsOf({ status, data }: Answer): string {
  const words = saysError(data) ? data.status.error : typeof data === 'string' ? data : ''
  const hint = status === 401 || status === 403 ? ' (check the API key in the URL)' : ''
  return (words.trim().slice(0, WORDS_MAX) || 'no reason given') + hint
}

function saysError(data: unknown): data is { readonly status: { readonly error: string } } {
  if (typeof data !== 'object' || data === null || !('status' in data)) return false
  const { status } = data
  return (
    typeof status === 'object' &&
    status !== null &&
    'error' in status &&
    typeof status.error === 'string'
  )
}

/** The reason of `fetch failed` is in its cause. */
function causeOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const { cause } = error
  if (cause instanceof AggregateError) return causeOf(cause.errors[0])
  return cause instanceof Error ? cause.message : error.message
}
