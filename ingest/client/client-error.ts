/** Why events cannot be sent at all, in a sentence for the user of the command. */
export class ClientError extends Error {
  override readonly name = 'ClientError'

  constructor(message: string, cause?: unknown) {
    super(message, { cause })
  }
}

/** The reason inside undici's "fetch failed". */
export function networkReason(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const { cause } = error
  if (cause instanceof Error && 'code' in cause) return String(cause.code)
  return cause instanceof Error ? cause.message : error.message
}
