/** Time, so that tests can move it by hand. No operator on event time reads it. */
export interface Clock {
  /** UTC milliseconds. */
  now(): number

  /** Resolves after `ms`, at once when the signal aborts (check it: sleep never rejects). */
  sleep(ms: number, signal?: AbortSignal): Promise<void>
}
