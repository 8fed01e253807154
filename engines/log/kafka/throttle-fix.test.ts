import RequestQueue from 'kafkajs/src/network/requestQueue/index.js'
import { expect, test, vi } from 'vitest'
import { fixThrottleTimer } from './throttle-fix.ts'

/** How often a connection looks at what waits in the second after it was answered. */
function looksInASecond({ pending }: { pending: number }): number {
  let looks = 0
  const queue = Object.assign(Object.create(RequestQueue.prototype) as RequestQueue, {
    throttledUntil: -1,
    throttleCheckTimeoutId: null,
    pending: Array.from({ length: pending }),
    checkPendingRequests() {
      looks++
      queue.scheduleCheckPendingRequests()
    },
  })
  vi.useFakeTimers()
  try {
    queue.scheduleCheckPendingRequests()
    vi.advanceTimersByTime(1_000)
    return looks
  } finally {
    vi.useRealTimers()
  }
}

test('an idle connection of kafkajs wakes every millisecond, and never with the fix', () => {
  expect(looksInASecond({ pending: 0 })).toBeGreaterThanOrEqual(1_000)
  fixThrottleTimer()
  expect(looksInASecond({ pending: 0 })).toBe(0)
})

test('with the fix, requests that wait are looked at again', () => {
  fixThrottleTimer()
  expect(looksInASecond({ pending: 1 })).toBe(100)
})
