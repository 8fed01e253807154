import {
  ConsecutiveBreaker,
  circuitBreaker,
  ExponentialBackoff,
  fullJitterGenerator,
  handleWhen,
  type IPolicy,
  isBrokenCircuitError,
  retry,
  wrap,
} from 'cockatiel'
import type { Logger } from 'pino'
import { EngineError } from '#engines/errors.ts'

/** The breaker spares an engine that is down; who waits behind it need not sleep long and find it there again late. */
export const RETRY_DELAY_MS = { initialDelay: 100, maxDelay: 1_000 } as const
/** So many failures in a row open the breaker: an engine that is down is then probed this often, not hammered. */
export const BREAKER = { failures: 5, probeAfterMs: 2_000 } as const

/**
 * Runs calls on one engine until they succeed: retriable errors again and again with full jitter, behind a breaker that
 * all callers of this policy share. Anything else rejects at once. Nothing is ever dropped because an engine is down.
 */
export function untilItAnswers(engine: string, logger: Logger): IPolicy {
  const breaker = circuitBreaker(handleWhen(isRetriable), {
    halfOpenAfter: BREAKER.probeAfterMs,
    breaker: new ConsecutiveBreaker(BREAKER.failures),
  })
  // Each probe that fails breaks it anew; people are told once.
  let isAway = false
  breaker.onBreak(() => {
    if (!isAway) logger.warn({ engine }, 'engine does not answer; waiting for it')
    isAway = true
  })
  breaker.onReset(() => {
    logger.info({ engine }, 'engine answers again')
    isAway = false
  })
  const again = retry(
    handleWhen((error) => isBrokenCircuitError(error) || isRetriable(error)),
    {
      maxAttempts: Number.POSITIVE_INFINITY,
      backoff: new ExponentialBackoff({ ...RETRY_DELAY_MS, generator: fullJitterGenerator }),
    },
  )
  again.onFailure(({ reason }) => {
    if ('error' in reason && isRetriable(reason.error))
      logger.debug({ engine, err: reason.error }, 'call failed')
  })
  return wrap(again, breaker)
}

export function isRetriable(error: unknown): boolean {
  return error instanceof EngineError && error.retriable
}
