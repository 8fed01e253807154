import { createHash } from 'node:crypto'
import type { TextModel } from '#engines/models/port.ts'
import type { Point } from '#engines/vectors/port.ts'
import type { Projections } from '#pipeline/processor.ts'
import type { EventOf } from '#schemas/events.ts'
import { type ItemPayload, itemsCollection, TEXT_VECTOR } from '#schemas/vectors.ts'
import type { ProductChange } from './product-changes.ts'

/** How much of a description counts: what a shopper reads first. */
const DESCRIPTION_CHARS = 400
/** Products embedded and stored at a time. */
const BATCH = 256

interface Item {
  readonly event: EventOf<'ProductUpserted'>
  readonly offset: number
  readonly text: string
  readonly contentHash: string
}

/** Brings the vectors of the products up to date; text that did not change costs no inference. */
export async function updateItemVectors(
  changes: readonly ProductChange[],
  { vectors, model }: Pick<Projections, 'vectors' | 'model'>,
): Promise<void> {
  const collection = itemsCollection(model.space)
  const removed = changes.filter((change) => change.removed)
  if (removed.length > 0) {
    await vectors.delete(collection, { ids: removed.map(({ product_id }) => product_id) })
  }
  const items = changes.flatMap((change) => itemOf(change) ?? [])
  for (let i = 0; i < items.length; i += BATCH) {
    const some = items.slice(i, i + BATCH)
    const stored = await vectors.retrieve(
      collection,
      some.map(({ event }) => event.product_id),
    )
    await vectors.upsert(collection, await toPoints(some, stored, model))
  }
}

function itemOf({ product, removed, offset }: ProductChange): Item | undefined {
  if (product === undefined || removed) return undefined
  const text = productText(product)
  const contentHash = createHash('sha256').update(text).digest('hex').slice(0, 16)
  return { event: product, offset, text, contentHash }
}

async function toPoints(
  items: readonly Item[],
  stored: readonly Point[],
  model: TextModel,
): Promise<Point[]> {
  const known = new Map(stored.map((point) => [point.id, point]))
  const isKnown = (item: Item) =>
    known.get(item.event.product_id)?.payload['content_hash'] === item.contentHash
  const changed = items.filter((item) => !isKnown(item))
  const embedded = await model.embed(changed.map(({ text }) => text))
  const fresh = new Map(changed.map((item, i) => [item, embedded[i]]))
  return items.flatMap((item) => {
    const { event, offset, contentHash } = item
    const vector = fresh.get(item) ?? known.get(event.product_id)?.vectors[TEXT_VECTOR]
    if (vector === undefined) return []
    const payload = {
      category: event.category,
      brand: event.brand ?? '',
      price_minor: event.price_minor,
      content_hash: contentHash,
    } satisfies ItemPayload
    return [{ id: event.product_id, version: offset, vectors: { [TEXT_VECTOR]: vector }, payload }]
  })
}

/** Template t1: title, brand, category, then how the description begins. */
function productText({ title, brand, category, description }: EventOf<'ProductUpserted'>): string {
  return [title, brand, category.join(' '), description?.slice(0, DESCRIPTION_CHARS)]
    .filter(Boolean)
    .join('. ')
    .normalize('NFC')
    .replace(/\s+/g, ' ')
}
