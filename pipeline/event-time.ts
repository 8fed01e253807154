import type { CommerceEvent } from '#schemas/events.ts'

/** A source whose clock runs ahead by more than this is not believed. */
export const FUTURE_TOLERANCE_MS = 5 * 60_000

export interface EventTime {
  /** UTC milliseconds. */
  readonly time: number
  /** The event claimed to be from the future, or from before 1970, and was put at its arrival instead. */
  readonly clamped: boolean
}

/**
 * When the event happened, by our clock: the source's clock skew is `sent_at - received_at` as long as sending takes
 * no time (Segment's formula), so `received_at - (sent_at - event_time)`. A function of the record alone.
 */
export function eventTimeOf(event: CommerceEvent): EventTime {
  const skew = event.sent_at === null ? 0 : event.received_at - event.sent_at
  const time = event.event_time + skew
  const isBelievable = time >= 0 && time <= event.received_at + FUTURE_TOLERANCE_MS
  return isBelievable ? { time, clamped: false } : { time: event.received_at, clamped: true }
}
