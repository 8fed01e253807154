import { createHash } from 'node:crypto'
import type { TextModel } from '#engines/models/port.ts'
import type { Point } from '#engines/vectors/port.ts'
import { type ItemPayload, TEXT_VECTOR } from '#schemas/vectors.ts'

/** How much of a description counts: what a shopper reads first. */
const DESCRIPTION_CHARS = 400
/** Products embedded and stored at a time. */
export const ITEM_BATCH = 256

/** What a product's point is made of, from an event or from a row of the catalogue. */
export interface DescribedItem {
  readonly product_id: string
  readonly title: string
  readonly category: readonly string[]
  readonly price_minor: number
  readonly brand?: string | null
  readonly description?: string | null
}

/** A product as it was at one offset of the log. */
export interface VersionedItem {
  readonly item: DescribedItem
  readonly version: number
}

/**
 * The points of products. A vector that is stored already for the same text is reused, the others are embedded.
 * @returns the points in the order of the items, and how many texts were embedded
 */
export async function itemPoints(
  items: readonly VersionedItem[],
  stored: readonly Point[],
  model: TextModel,
): Promise<{ readonly points: readonly Point[]; readonly embedded: number }> {
  const known = new Map(stored.map((point) => [point.id, point]))
  const texts = items.map(({ item }) => itemText(item))
  const hashes = texts.map(contentHash)
  const vectors = items.map(({ item }, i) => {
    const point = known.get(item.product_id)
    return point?.payload['content_hash'] === hashes[i] ? point?.vectors[TEXT_VECTOR] : undefined
  })
  const changed = [...vectors.keys()].filter((i) => vectors[i] === undefined)
  const embedded = await model.embed(changed.map((i) => texts[i] ?? ''))
  for (const [nth, i] of changed.entries()) vectors[i] = embedded[nth]
  const points = items.flatMap(({ item, version }, i) => {
    const [vector, content_hash] = [vectors[i], hashes[i]]
    if (vector === undefined || content_hash === undefined) return []
    const { product_id: id, category, brand, price_minor } = item
    const payload = { category, brand: brand ?? '', price_minor, content_hash }
    return [
      { id, version, vectors: { [TEXT_VECTOR]: vector }, payload: payload satisfies ItemPayload },
    ]
  })
  return { points, embedded: changed.length }
}

/** Template t1: title, brand, category, then how the description begins. */
export function itemText({ title, brand, category, description }: DescribedItem): string {
  return [title, brand, category.join(' '), description?.slice(0, DESCRIPTION_CHARS)]
    .filter(Boolean)
    .join('. ')
    .normalize('NFC')
    .replace(/\s+/g, ' ')
}

/** The hash of a text of `itemText`: 64 bits in hex. */
export function contentHash(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 16)
}
