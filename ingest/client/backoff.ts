export interface Backoff {
  /** Ceiling of the first delay; it doubles with each further attempt. */
  readonly firstMs: number
  readonly ceilingMs: number
  /** Uniform in [0, 1). */
  readonly random: () => number
}

/**
 * Milliseconds to wait after the attempt with this number (from 0): full jitter, on top of the `Retry-After` of the answer.
 * Full jitter: Brooker (2015), Exponential Backoff And Jitter.
 */
export function delayMs(attempt: number, retryAfterMs: number, backoff: Backoff): number {
  const ceiling = Math.min(backoff.ceilingMs, backoff.firstMs * 2 ** attempt)
  return retryAfterMs + backoff.random() * ceiling
}

/** `Retry-After` in milliseconds: seconds or an HTTP date; 0 when absent or unreadable. */
export function retryAfterMs(header: string | null, now: number): number {
  if (header === null) return 0
  const ms = /^\d+$/.test(header.trim()) ? Number(header) * 1_000 : Date.parse(header) - now
  return Number.isNaN(ms) ? 0 : Math.max(0, ms)
}
