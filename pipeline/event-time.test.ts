import { expect, test } from 'vitest'
import { eventTimeOf, FUTURE_TOLERANCE_MS } from './event-time.ts'
import { testEvent } from './test-driver.fixture.ts'

const arrival = 1_700_000_000_000
const view = (event_time: number, sent_at: number | null = null) =>
  testEvent('ProductViewed', {
    event_id: 'e',
    event_time,
    sent_at,
    received_at: arrival,
    product_id: 'p',
  })

test('a source without sent_at is believed, years back too', () => {
  expect(eventTimeOf(view(arrival - 5))).toEqual({ time: arrival - 5, clamped: false })
  expect(eventTimeOf(view(1_000))).toEqual({ time: 1_000, clamped: false })
})

test('a clock that is an hour ahead is corrected by when the event was sent', () => {
  const hour = 3_600_000
  expect(eventTimeOf(view(arrival + hour - 200, arrival + hour))).toEqual({
    time: arrival - 200,
    clamped: false,
  })
})

test('the future beyond the tolerance, and times before 1970, are put at arrival and flagged', () => {
  expect(eventTimeOf(view(arrival + FUTURE_TOLERANCE_MS)).clamped).toBe(false)
  expect(eventTimeOf(view(arrival + FUTURE_TOLERANCE_MS + 1))).toEqual({
    time: arrival,
    clamped: true,
  })
  expect(eventTimeOf(view(-1))).toEqual({ time: arrival, clamped: true })
})
