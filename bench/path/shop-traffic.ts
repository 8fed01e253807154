import type { NewRecord } from '#engines/log/port.ts'
import type { ShopProduct } from '#ingest/simulator/shelves.ts'
import { shopEvents } from '#ingest/simulator/shop-events.ts'
import type { EventCodec } from '#pipeline/event-codec.ts'
import { type CommerceEvent, keyOf, topicOf } from '#schemas/events.ts'

const PRODUCTS = 5_000
const SEED = 7

/** A catalogue of made-up products in twenty categories. */
export const PRODUCTS_FOR_BENCH: readonly ShopProduct[] = Array.from(
  { length: PRODUCTS },
  (_, i) => ({
    product_id: `p${i}`,
    title: `Product number ${i}`,
    category: [`category ${i % 20}`],
    price_minor: 100 + ((i * 37) % 9_900),
    currency: 'GBP',
  }),
)

/** A simulated shop's events, as they stand in the log: `ratePerSecond` sets how much event time they span. */
export function* shopTraffic(
  count: number,
  ratePerSecond = 5_000,
  start = Date.now(),
): Generator<CommerceEvent> {
  let left = count
  for (const { at, event } of shopEvents({
    seed: SEED,
    products: PRODUCTS_FOR_BENCH,
    ratePerSecond,
    start,
  })) {
    if (left-- === 0) return
    yield {
      ...event,
      event_id: event.event_id ?? `e${left}`,
      event_time: event.event_time ?? Math.floor(at),
      received_at: Math.floor(at),
    }
  }
}

/** The same as records, in batches that one append takes. */
export function* recordBatches(
  events: Iterable<CommerceEvent>,
  codec: EventCodec,
  size: number,
): Generator<NewRecord[]> {
  let batch: NewRecord[] = []
  for (const event of events) {
    batch.push({ topic: topicOf(event.type), key: keyOf(event), value: codec.encode(event) })
    if (batch.length < size) continue
    yield batch
    batch = []
  }
  if (batch.length > 0) yield batch
}
