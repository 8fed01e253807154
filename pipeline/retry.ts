import {
  ConsecutiveBreaker,
  circuitBreaker,
  ExponentialBackoff,
  fullJitterGenerator,
  handleWhen,
  isBrokenCircuitError,
  isTaskCancelledError,
  retry,
} from 'cockatiel'
import type { Logger } from 'pino'
import { EngineError } from '#engines/errors.ts'

/** The breaker spares an engine that is down, so that callers need not sleep long and soon notice that it is back. */
export const RETRY_DELAY_MS = { initialDelay: 100, maxDelay: 1_000 } as const
/** So many failures in a row open the breaker; then one call in this time tests whether the engine is back. */
export const BREAKER = { failures: 5, halfOpenAfterMs: 2_000 } as const

/**
 * Does the work again until it succeeds. No attempt begins after the signal has aborted: it rejects with the last error,
 * or with the reason of the signal when there was none.
 * @throws errors that are not retriable, at once
 */
export type Retry = <T>(work: () => Promise<T>, signal?: AbortSignal) => Promise<T>

/**
 * Retries work on one engine for ever: retriable errors again and again with full jitter, behind a breaker that all work
 * given to this function shares. Nothing is ever dropped because an engine is down.
 */
export function retryForever(engine: string, logger: Logger): Retry {
  const breaker = breakerOf(engine, logger)
  const again = retry(
    handleWhen((error) => isBrokenCircuitError(error) || isRetriable(error)),
    {
      maxAttempts: Number.POSITIVE_INFINITY,
      backoff: new ExponentialBackoff({ ...RETRY_DELAY_MS, generator: fullJitterGenerator }),
    },
  )
  return async (work, signal) => {
    let last: unknown
    const attempt = async () => {
      if (signal?.aborted === true) throw last ?? signal.reason
      try {
        return await breaker.execute(work, signal)
      } catch (error) {
        if (isRetriable(error)) {
          last = error
          logger.debug({ engine, err: error }, 'call failed')
        }
        throw error
      }
    }
    try {
      return await again.execute(attempt, signal)
    } catch (error) {
      // Aborted while it waited for its turn: what the breaker says of that is of no use to the caller.
      if (isTaskCancelledError(error) || isBrokenCircuitError(error)) throw last ?? signal?.reason
      throw error
    }
  }
}

/** Says once that the engine is away, and once that it is back. */
function breakerOf(engine: string, logger: Logger) {
  const breaker = circuitBreaker(handleWhen(isRetriable), {
    halfOpenAfter: BREAKER.halfOpenAfterMs,
    breaker: new ConsecutiveBreaker(BREAKER.failures),
  })
  // Each attempt that fails opens it again.
  let isAway = false
  breaker.onBreak(() => {
    if (!isAway) logger.warn({ engine }, 'engine does not answer; waiting for it')
    isAway = true
  })
  breaker.onReset(() => {
    logger.info({ engine }, 'engine answers again')
    isAway = false
  })
  return breaker
}

export function isRetriable(error: unknown): boolean {
  return error instanceof EngineError && error.retriable
}
