import { EngineError, unavailable } from '#engines/errors.ts'

/** An untrusted certificate, or another protocol than the URL says. */
const NOT_AS_SAID = /CERT|SELF_SIGNED|UNABLE_TO_|ERR_TLS|ERR_SSL|EPROTO|HPE_/

/** The error for a failure of the connection to the server. What was sent may have arrived. */
export function connectionError(host: string, cause: unknown): EngineError {
  const words = cause instanceof Error ? cause.message : String(cause)
  const code = codeOf(cause)
  const reason = code === undefined || words.includes(code) ? words : `${words} (${code})`
  const hint = code !== undefined && NOT_AS_SAID.test(code) ? ' (check tls and ca in the URL)' : ''
  const message = `the tables at ${host} cannot be reached: ${reason}${hint}`
  return unavailable(message, { cause })
}

/** Whether the server closed the connection during the request, as it may with one that was idle. */
export function wasCut(error: unknown): boolean {
  if (!(error instanceof EngineError) || error.code !== 'ENGINE_UNAVAILABLE') return false
  const code = codeOf(error.cause)
  return code === 'ECONNRESET' || code === 'EPIPE'
}

/** Of the error itself or the first of an AggregateError: a host may have several addresses. */
function codeOf(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined
  if ('code' in error && typeof error.code === 'string') return error.code
  return error instanceof AggregateError ? codeOf(error.errors[0]) : undefined
}
