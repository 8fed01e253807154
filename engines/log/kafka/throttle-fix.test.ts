import RequestQueue from 'kafkajs/src/network/requestQueue/index.js'
import { expect, test, vi } from 'vitest'
import { fixThrottleTimer } from './throttle-fix.ts'

const original = RequestQueue.prototype.scheduleCheckPendingRequests

/** How many timers fire in a second of a connection whose last request was answered. */
function timersOfAnIdleSecond(
  schedule: typeof original,
  options: { pending?: number } = {},
): number {
  vi.useFakeTimers()
  try {
    let fired = 0
    const queue = {
      throttledUntil: -1,
      throttleCheckTimeoutId: null,
      pending: Array.from({ length: options.pending ?? 0 }),
      checkPendingRequests() {
        fired++
        schedule.call(queue as never)
      },
    }
    queue.checkPendingRequests()
    fired = 0
    vi.advanceTimersByTime(1_000)
    return fired
  } finally {
    vi.useRealTimers()
  }
}

test('an idle connection of kafkajs fires a timer every millisecond, and none with the fix', () => {
  expect(timersOfAnIdleSecond(original)).toBeGreaterThan(900)
  fixThrottleTimer()
  const fixed = RequestQueue.prototype.scheduleCheckPendingRequests
  expect(timersOfAnIdleSecond(fixed)).toBe(0)
})

test('requests that wait are looked at again', () => {
  fixThrottleTimer()
  const fixed = RequestQueue.prototype.scheduleCheckPendingRequests
  expect(timersOfAnIdleSecond(fixed, { pending: 1 })).toBe(100)
})
