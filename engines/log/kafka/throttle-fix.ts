import RequestQueue from 'kafkajs/src/network/requestQueue/index.js'

/** How soon to look again at requests that wait though nothing throttles them. */
const RECHECK_MS = 10

/**
 * Mends a defect of kafkajs 2.2.4 (tulios/kafkajs#1751): after each answer it sets a timer for a throttling that ended
 * in 1970, which fires after a millisecond and sets the next, on each connection for ever, 5 to 7 % of a core. A timer
 * is needed only while requests wait. Calling this again changes nothing.
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
