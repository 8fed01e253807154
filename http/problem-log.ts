import type { Logger } from 'pino'
import { PROBLEM_KINDS, type ProblemError } from '#schemas/http/problem.ts'

/** An engine that is away fails every request that needs it: that is said once in this time, with how often. */
const QUIET_MS = 10_000

/** Why a request failed: `cause` is the error behind it, where there was one. */
export type FailedAnswer = Pick<ProblemError, 'kind' | 'cause'>

/**
 * Logs answers that failed on our side. *error* is for what somebody must fix; an engine that is away is a *warn*, since
 * the next request may find it; an answer that is as it should be (not ready, full, stopping) is *debug*.
 */
export function problemLog(logger: Logger, now: () => number = () => performance.now()) {
  let saidAt = Number.NEGATIVE_INFINITY
  let unsaid = 0
  return ({ kind, cause }: FailedAnswer, path: string): void => {
    const { status, title } = PROBLEM_KINDS[kind]
    if (status < 500) return
    if (kind === 'internal-error') {
      logger.error({ err: cause, path }, title)
    } else if (kind !== 'engine-unavailable' || cause === undefined) {
      logger.debug({ path }, title)
    } else if (now() - saidAt < QUIET_MS) {
      unsaid++
    } else {
      const reason = cause instanceof Error ? cause.message : undefined
      logger.warn({ reason, path, ...(unsaid > 0 && { alike: unsaid }) }, title)
      saidAt = now()
      unsaid = 0
    }
  }
}
