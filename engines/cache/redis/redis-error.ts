import { type EngineError, overloaded, refused, timedOut, unavailable } from '#engines/errors.ts'

const LOGIN = /^(NOAUTH|WRONGPASS|NOPERM|ERR invalid password|ERR AUTH)\b/
const NOT_NOW =
  /^(LOADING|BUSY|MASTERDOWN|CLUSTERDOWN|TRYAGAIN|READONLY|NOREPLICAS|MISCONF|MOVED|ASK)\b/
const FULL = /^OOM\b/
const TIMED_OUT = /timed out|timeout/i

/**
 * The EngineError for a command that failed. The errors of the package carry the arguments of their command, a login's
 * password among them, so they are not passed on as causes.
 * @param lost why there is no connection, if there is none
 */
export function redisError(error: unknown, shown: string, lost: Error | undefined): EngineError {
  const reason = lost ?? (error instanceof Error ? error : new Error(String(error)))
  const words = reason.message
  const cache = `the cache ${shown}`
  if (LOGIN.test(words)) {
    const advice = 'check the user and the password in its URL, and what that user may do'
    return refused(`${cache} refuses the login: ${words}; ${advice}`)
  }
  if (FULL.test(words)) {
    const advice = 'give it more memory, or maxmemory-policy allkeys-lru'
    return overloaded(`${cache} is full: ${words}; ${advice}`)
  }
  if (reason.name === 'ReplyError' && !NOT_NOW.test(words)) {
    return refused(`${cache} refuses: ${words}`)
  }
  if (TIMED_OUT.test(words)) return timedOut(`${cache} takes too long (${words})`)
  return unavailable(`${cache} does not answer (${words})`)
}
