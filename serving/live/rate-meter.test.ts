import { expect, test } from 'vitest'
import { RateMeter } from './rate-meter.ts'

test('the rate is the growth over the span, not since the beginning', () => {
  const meter = new RateMeter(10_000)
  expect(meter.read(1_000, 0)).toBeNull()
  expect(meter.read(1_050, 1_000)).toBe(50)
  expect(meter.read(1_100, 10_000)).toBe(10)
  // The reading at 0 has left the span.
  expect(meter.read(1_150, 11_000)).toBe(10)
})

test('after a pause longer than the span there is no rate until the second reading', () => {
  const meter = new RateMeter(10_000)
  meter.read(0, 0)
  expect(meter.read(9_000, 60_000)).toBeNull()
  expect(meter.read(9_020, 61_000)).toBe(20)
})

test('readings at one instant have no rate', () => {
  const meter = new RateMeter(10_000)
  meter.read(0, 5)
  expect(meter.read(3, 5)).toBeNull()
})
