import { expect, test } from 'vitest'
import { delayMs, retryAfterMs } from './backoff.ts'

test('the ceiling doubles up to its limit, and the delay is anywhere below it', () => {
  const backoff = (random: number) => ({ firstMs: 100, ceilingMs: 1_000, random: () => random })
  const delays = [0, 1, 2, 3, 4, 1_100].map((attempt) => delayMs(attempt, 0, backoff(0.5)))
  expect(delays).toEqual([50, 100, 200, 400, 500, 500])
  expect(delayMs(9, 0, backoff(0))).toBe(0)
})

test('Retry-After is seconds or a date, and nonsense is no wait', () => {
  const now = Date.UTC(2026, 0, 1)
  expect(retryAfterMs('7', now)).toBe(7_000)
  expect(retryAfterMs('Thu, 01 Jan 2026 00:00:10 GMT', now)).toBe(10_000)
  expect(retryAfterMs('Thu, 01 Jan 2015 00:00:10 GMT', now)).toBe(0)
  expect(retryAfterMs('soon', now)).toBe(0)
  expect(retryAfterMs(null, now)).toBe(0)
})
