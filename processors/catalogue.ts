import { type JudgedEvent, projection } from '#pipeline/processor.ts'
import type { EventOf } from '#schemas/events.ts'
import { CATALOGUE, type Row } from '#schemas/tables.ts'
import { updateItemVectors } from './item-vectors.ts'

/** The last thing said of a product in a batch. */
export interface ProductChange {
  readonly event: EventOf<'ProductUpserted'> | EventOf<'ProductRemoved'>
  readonly offset: number
}

/** The newest version of each product, as a row and as a vector of its text. */
export const catalogue = projection({
  name: 'catalogue',
  async apply(events, engines) {
    const changes = newestByProduct(events)
    await engines.tables.insert(CATALOGUE, changes.map(toRow))
    await updateItemVectors(changes, engines)
  },
})

function newestByProduct(events: readonly JudgedEvent[]): readonly ProductChange[] {
  const changes = new Map<string, ProductChange>()
  for (const { event, offset } of events) {
    if (event.type === 'ProductUpserted' || event.type === 'ProductRemoved') {
      changes.set(event.product_id, { event, offset })
    }
  }
  return [...changes.values()]
}

function toRow({ event, offset }: ProductChange): Row<typeof CATALOGUE> {
  const product = event.type === 'ProductUpserted' ? event : undefined
  return {
    product_id: event.product_id,
    title: product?.title ?? '',
    category: product?.category ?? [],
    brand: product?.brand ?? '',
    description: product?.description ?? '',
    price_minor: product?.price_minor ?? 0,
    currency: product?.currency ?? '',
    stock: product?.stock ?? null,
    image_url: product?.image_url ?? '',
    updated_at: event.event_time,
    removed: product === undefined ? 1 : 0,
    ver: offset,
  }
}
