import RequestQueue from 'kafkajs/src/network/requestQueue/index.js'

/** How soon to check again for pending requests while nothing is throttled. */
const RECHECK_MS = 10

/**
 * Fixes a bug of kafkajs 2.2.4 (tulios/kafkajs#1751): after each answer it sets a timer for a throttling that ended in
 * 1970. The timer fires after a millisecond and sets the next, on every connection: 5 to 7 % of a core. One is needed
 * only while requests are pending. Idempotent.
 */
export function fixThrottleTimer(): void {
  RequestQueue.prototype.scheduleCheckPendingRequests = function schedule(this: RequestQueue) {
    if (this.throttleCheckTimeoutId !== null || this.pending.length === 0) return
    const throttledMs = this.throttledUntil - Date.now()
    this.throttleCheckTimeoutId = setTimeout(
      () => {
        this.throttleCheckTimeoutId = null
        this.checkPendingRequests()
      },
      throttledMs > 0 ? throttledMs : RECHECK_MS,
    )
  }
}
