import { EngineError, type EngineErrorCode } from '#engines/errors.ts'

/** The package's error of a failed call, whose class is not exported. */
interface ResponseError extends Error {
  readonly status: number
}

/** The package's message for an answer that is not of the registry's API, and for no answer at all (with status 400). */
const FOREIGN = /^Error, status \d+:? ?/

/** A failed call on the registry: its status and message. */
export interface RegistryFailure {
  readonly status: number
  readonly words: string
  /** False when the failure is of a proxy, another server or the network. */
  readonly isFromRegistry: boolean
}

export function failureOf(error: unknown): RegistryFailure | undefined {
  if (!isResponseError(error)) return undefined
  const said = error.message.slice(error.message.indexOf(' - ') + 3)
  const isFromRegistry = !FOREIGN.test(said)
  return { status: error.status, words: said.replace(FOREIGN, ''), isFromRegistry }
}

/** @param doing what the call was for: 'register a schema of orders' */
export function registryError(error: unknown, base: string, doing: string): EngineError {
  if (error instanceof EngineError) return error
  const failed = (code: EngineErrorCode, how: string) =>
    new EngineError(code, `cannot ${doing}: the schema registry ${base} ${how}`, { cause: error })

  if (error instanceof Error && error.name === 'TimeoutError')
    return failed('ENGINE_TIMEOUT', 'takes too long; is it overloaded?')
  const failure = failureOf(error)
  if (failure === undefined) throw error
  const { status, words, isFromRegistry } = failure
  if (status >= 500 || status === 408 || (status === 400 && !isFromRegistry))
    return failed('ENGINE_UNAVAILABLE', `does not answer (${words})`)
  if (status === 429) return failed('ENGINE_OVERLOADED', `is overloaded (${words})`)
  if (status === 401 || status === 403) {
    const advice = 'check the user and the password in its URL, and what that user may do'
    return failed('ENGINE_REFUSED', `refuses the login: ${status} ${words}; ${advice}`)
  }
  if (!isFromRegistry) {
    const advice =
      'its URL has to lead to a Confluent API, such as http://host:8085/apis/ccompat/v7'
    return failed('ENGINE_REFUSED', `is not a schema registry (status ${status}); ${advice}`)
  }
  return failed('ENGINE_REFUSED', `refuses: ${status} ${words}`)
}

function isResponseError(error: unknown): error is ResponseError {
  return (
    error instanceof Error &&
    error.name === 'ResponseError' &&
    'status' in error &&
    typeof error.status === 'number'
  )
}
