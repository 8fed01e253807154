import { createHash } from 'node:crypto'
import type { EventOf } from '#schemas/events.ts'
import type { DatasetProduct } from './read-dataset-catalogue.ts'
import { DATASET_SOURCE, priceMinor, type ToEventsOptions, type Unreceived } from './to-events.ts'

export interface ToProductEventsOptions extends ToEventsOptions {
  /** When the catalogue held, UTC milliseconds: a catalogue file says no time. */
  readonly eventTime: number
}

/**
 * The products as ProductUpserted events. The event id is a hash of what is said and of the time, so that a repeated
 * run repeats its ids and a product that changes back is not taken for a duplicate. @throws DatasetError for a price that the currency cannot hold
 */
export async function* toProductEvents(
  products: AsyncIterable<DatasetProduct>,
  { currency, eventTime }: ToProductEventsOptions,
): AsyncGenerator<Unreceived<EventOf<'ProductUpserted'>>> {
  for await (const product of products) {
    const facts = {
      product_id: product.itemId,
      title: product.title,
      category: [...product.category],
      price_minor: priceMinor(product, currency),
      currency,
    }
    const digest = createHash('sha256')
      .update(JSON.stringify([eventTime, facts]))
      .digest('hex')
    yield {
      type: 'ProductUpserted',
      event_id: `product-${digest.slice(0, 40)}`,
      event_time: eventTime,
      sent_at: null,
      source: DATASET_SOURCE,
      user_id: null,
      anonymous_id: null,
      session_id: null,
      ...facts,
      brand: null,
      description: null,
      stock: null,
      image_url: null,
    }
  }
}
