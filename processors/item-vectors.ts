import type { Point } from '#engines/vectors/port.ts'
import { writableCollections } from '#items/collections.ts'
import { ITEM_BATCH, itemPoints, type VersionedItem } from '#items/points.ts'
import type { Projections } from '#pipeline/processor.ts'
import type { ProductChange } from './product-changes.ts'

/**
 * Brings the vectors of the products up to date; text that did not change costs no inference. To be called when the rows
 * of the changes are in the catalogue: a reindex that begins in between then finds them there.
 */
export async function updateItemVectors(
  changes: readonly ProductChange[],
  { vectors, model }: Pick<Projections, 'vectors' | 'model'>,
): Promise<void> {
  const collections = await writableCollections(vectors, model.space)
  const [first] = collections
  if (first === undefined) return
  const removed = changes.filter((change) => change.removed)
  if (removed.length > 0) {
    const points = removed.map(({ product_id, offset }) => ({ id: product_id, version: offset }))
    for (const collection of collections) await vectors.delete(collection, { points })
  }
  const items = changes.flatMap((change) => describedBy(change) ?? [])
  for (let i = 0; i < items.length; i += ITEM_BATCH) {
    const some = items.slice(i, i + ITEM_BATCH)
    const stored: readonly Point[] = await vectors.retrieve(
      first,
      some.map(({ item }) => item.product_id),
    )
    const { points } = await itemPoints(some, stored, model)
    for (const collection of collections) await vectors.upsert(collection, points)
  }
}

function describedBy({ product, removed, offset }: ProductChange): VersionedItem | undefined {
  return product === undefined || removed ? undefined : { item: product, version: offset }
}
