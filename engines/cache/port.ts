/** Short-lived values that can always be computed again. Losing all of them costs time, never correctness. */
export interface Cache extends AsyncDisposable {
  /** The value, or undefined when absent or expired. */
  get(key: string): Promise<string | undefined>

  /** Keeps the value for `ttlMs`, or less when memory is short. */
  set(key: string, value: string, ttlMs: number): Promise<void>

  /** Adds to a counter and resolves with the sum. The first call creates it at zero with this time to live. */
  increment(key: string, by: number, ttlMs: number): Promise<number>

  delete(key: string): Promise<void>

  ping(): Promise<void>
}
