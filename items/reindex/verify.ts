import type { TextModel } from '#engines/models/port.ts'
import type { Tables } from '#engines/tables/port.ts'
import type { Point, Vectors } from '#engines/vectors/port.ts'
import { TEXT_VECTOR } from '#schemas/vectors.ts'
import { contentHash, itemText } from '../points.ts'
import { type CatalogueItem, cataloguePages, sampleCatalogue } from './catalogue-pages.ts'
import { dot, NeighbourRecall, RECALL_AT } from './neighbour-recall.ts'

/** A stored vector with a lower cosine to a fresh embedding is of another text or model. */
export const LIKENESS_MIN = 0.999
/** An approximate index that finds fewer of the true nearest is not worth serving. */
export const RECALL_MIN = 0.95

interface VerifyOptions {
  readonly tables: Tables
  readonly vectors: Vectors
  readonly model: TextModel
  readonly collection: string
  /** Products that are embedded again and whose neighbours are looked for. */
  readonly sample: number
  readonly seed: number
  /** False for rows that are newer than the filling: their points are not checked. */
  readonly isDue: (row: CatalogueItem) => boolean
  readonly signal?: AbortSignal
  readonly onRows?: (rows: number) => void
}

/** What was found in a collection. It may be served when `failures` is empty. */
export interface Verification {
  readonly products: number
  readonly points: number
  /** Products without a point, or with a point of another text. */
  readonly missing: number
  readonly stale: number
  /** Products that have changed since the collection was filled. */
  readonly newer: number
  readonly sample: number
  /** The least cosine between the vector of a sampled product and a fresh embedding of its text. */
  readonly least_likeness: number
  /** Of the ten exact nearest neighbours of the sampled products, the share that the engine's search finds. */
  readonly recall_at_10: number
  readonly failures: readonly string[]
}

/**
 * Reads a whole collection back and compares it with the catalogue: every product there with the hash of its text, and
 * for a sample the vectors themselves and what the engine's search finds, against a scan of all points.
 */
export async function verify(options: VerifyOptions): Promise<Verification> {
  const { vectors, collection, isDue, onRows = () => undefined } = options
  const { sampled, recall, likeness } = await searchSample(options)
  const counts = { products: 0, missing: 0, stale: 0, newer: 0 }
  for await (const page of cataloguePages(options.tables, options.signal)) {
    const described = page.filter((row) => !row.removed)
    const points = await vectors.retrieve(collection, idsOf(described))
    const known = new Map(points.map((point) => [point.id, point]))
    counts.products += described.length
    counts.newer += page.filter((row) => !isDue(row)).length
    for (const row of described) {
      const point = known.get(row.item.product_id)
      const vector = point?.vectors[TEXT_VECTOR]
      if (vector !== undefined) recall.observe(row.item.product_id, vector)
      if (!isDue(row)) continue
      if (point === undefined || vector === undefined) counts.missing += 1
      else if (isStale(point, row)) counts.stale += 1
    }
    onRows(page.length)
  }
  const points = await vectors.count(collection)
  const measured = { sample: sampled, least_likeness: likeness, recall_at_10: recall.value }
  const found = { ...counts, points, ...measured }
  return { ...found, failures: failuresOf(found) }
}

/** Embeds the sample again, and asks the engine for its neighbours. */
async function searchSample({ tables, vectors, model, collection, sample, seed }: VerifyOptions) {
  const rows = await sampleCatalogue(tables, { size: sample, seed })
  const points = await vectors.retrieve(collection, idsOf(rows))
  const known = new Map(points.map((point) => [point.id, point]))
  const fresh = await model.embed(rows.map(({ item }) => itemText(item)))
  const recall = new NeighbourRecall()
  let likeness = 1
  for (const [i, { item, version }] of rows.entries()) {
    const [point, embedded] = [known.get(item.product_id), fresh[i]]
    const stored = point?.vectors[TEXT_VECTOR]
    if (stored === undefined || embedded === undefined || point?.version !== version) continue
    likeness = Math.min(likeness, dot(stored, embedded))
    // One more than wanted: the product itself is the nearest.
    const request = { using: TEXT_VECTOR, vector: stored, limit: RECALL_AT + 1 }
    const [hits = []] = await vectors.search(collection, [request])
    recall.add(item.product_id, stored, hits)
  }
  return { sampled: rows.length, recall, likeness }
}

/** A point that is newer than the row has been written since the row was read, and is not checked. */
function isStale(point: Point, { item, version }: CatalogueItem): boolean {
  if (point.version !== version) return point.version < version
  return point.payload['content_hash'] !== contentHash(itemText(item))
}

function failuresOf(found: Omit<Verification, 'failures'>): readonly string[] {
  const { products, points, newer, missing, stale, least_likeness, recall_at_10 } = found
  return [
    missing > 0 && `${missing} of ${products} products have no vector`,
    stale > 0 && `${stale} of ${products} products have the vector of another text`,
    Math.abs(points - products) > newer && `there are ${points} points for ${products} products`,
    least_likeness < LIKENESS_MIN &&
      `a stored vector is only ${least_likeness.toFixed(4)} like a fresh embedding of its text (least: ${LIKENESS_MIN})`,
    recall_at_10 < RECALL_MIN &&
      `the search finds only ${recall_at_10.toFixed(3)} of the ten nearest (least: ${RECALL_MIN})`,
  ].filter((failure) => failure !== false)
}

function idsOf(rows: readonly CatalogueItem[]): readonly string[] {
  return rows.map(({ item }) => item.product_id)
}
