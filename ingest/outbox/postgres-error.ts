import { DatabaseError } from 'pg'
import { EngineError, type EngineErrorCode } from '#engines/errors.ts'

/** SQLSTATE classes that are transient: connection, rollback, resources, not in the right state, operator, system. */
const PASSING_CLASSES: ReadonlySet<string> = new Set(['08', '40', '53', '55', '57', '58'])
const READ_ONLY = '25006'
const CANCELLED = '57014'
const NO_TABLE = '42P01'

/** Node's codes for certificates that are not trusted, and the driver's message for a login that cannot be tried. */
const REFUSALS = /CERT|SELF_SIGNED|UNABLE_TO_VERIFY|^SASL|does not support SSL/
const TIMEOUTS = /timeout/i

/** The driver's error as an EngineError. `address` is part of the message, and must hold no password. */
export function postgresError(error: unknown, address: string): EngineError {
  if (error instanceof EngineError) return error
  const { code, words } = error instanceof DatabaseError ? ofServer(error) : ofConnection(error)
  return new EngineError(code, `the outbox at ${address}: ${words}`, { cause: error })
}

interface Meaning {
  readonly code: EngineErrorCode
  readonly words: string
}

function ofServer({ code: state = '', message }: DatabaseError): Meaning {
  if (state === NO_TABLE)
    return refused(`${message}; run schemas/outbox.sql in that database (docs/outbox.md)`)
  if (state === CANCELLED) return { code: 'ENGINE_TIMEOUT', words: message }
  // A standby that is about to be promoted, or a primary that has just become a standby.
  const isPassing = PASSING_CLASSES.has(state.slice(0, 2)) || state === READ_ONLY
  if (!isPassing) return refused(message)
  return { code: 'ENGINE_UNAVAILABLE', words: message }
}

function ofConnection(error: unknown): Meaning {
  // A name with several addresses fails with one error for each.
  const [first] = error instanceof AggregateError ? (error.errors as unknown[]) : [error]
  const words = first instanceof Error ? first.message : String(first)
  const code = first instanceof Error && 'code' in first ? String(first.code) : ''
  if (REFUSALS.test(code) || REFUSALS.test(words)) return refused(words)
  const isTimeout = TIMEOUTS.test(words)
  return { code: isTimeout ? 'ENGINE_TIMEOUT' : 'ENGINE_UNAVAILABLE', words }
}

function refused(words: string): Meaning {
  return { code: 'ENGINE_REFUSED', words }
}
