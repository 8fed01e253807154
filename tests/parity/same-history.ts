import type { NewRecord } from '#engines/log/port.ts'
import { checkEvent } from '#ingest/collector/check-event.ts'
import { SeededRandom } from '#ingest/simulator/seeded-random.ts'
import type { EventCodec } from '#pipeline/event-codec.ts'
import { type CommerceEvent, keyOf, topicOf } from '#schemas/events.ts'
import { Traffic } from '../crash/traffic.ts'

const REPEAT_SHARE = 0.03
const GARBAGE_SHARE = 0.000_2
const EVENTS_PER_SECOND = 50

/** When the history ends, UTC milliseconds. */
export const HISTORY_END = Date.UTC(2026, 5, 1, 12)

/**
 * The same records each time: events of every kind, late, out of order and from wrong clocks, some sent twice, and a few
 * that nobody can read. Their arrival times are part of them, so that every instance must arrive at the same rows.
 */
export function* sameHistory(events: number, codec: EventCodec): Generator<NewRecord> {
  const random = new SeededRandom(4)
  const traffic = new Traffic(4, 'parity')
  const recent: CommerceEvent[] = []
  for (let i = 0; i < events; i++) {
    const receivedAt = HISTORY_END - Math.floor(((events - i) / EVENTS_PER_SECOND) * 1_000)
    const repeated = random.chance(REPEAT_SHARE) ? recent[random.below(recent.length)] : undefined
    const event = repeated ?? toEvent(traffic.next(receivedAt), receivedAt)
    recent[i % 1_000] = event
    if (random.chance(GARBAGE_SHARE))
      yield { topic: topicOf(event.type), key: keyOf(event), value: Buffer.from('no event') }
    yield { topic: topicOf(event.type), key: keyOf(event), value: codec.encode(event) }
  }
}

/** As the collector does. */
function toEvent(sent: unknown, receivedAt: number): CommerceEvent {
  const checked = checkEvent(sent)
  if ('fault' in checked) throw new Error(checked.fault.message)
  const { event } = checked
  return {
    ...event,
    // No two alike: vector engines differ in which of equal neighbours they return within the limit.
    ...('title' in event && { title: `${event.title} ${event.product_id}` }),
    event_id: event.event_id ?? '',
    event_time: event.event_time ?? receivedAt,
    received_at: receivedAt,
  }
}
