import type { z } from 'zod'
import type { Payload, Point, Vectors } from '#engines/vectors/port.ts'
import type {
  countPoints,
  deletePoints,
  getPoints,
  QdrantFilter,
  queryBatch,
  UpsertPoints,
} from './qdrant-bodies.ts'
import { QdrantRefusal } from './qdrant-refusal.ts'
import { filterTest, readFilter } from './read-filter.ts'
import type { StandInCollections } from './stand-in-collections.ts'

/** Points, with Qdrant's rules: an upsert replaces the stored point unless `update_filter` excludes it. */
export class StandInPoints {
  readonly #vectors: Vectors
  readonly #collections: StandInCollections

  constructor(vectors: Vectors, collections: StandInCollections) {
    this.#vectors = vectors
    this.#collections = collections
  }

  /** Must not run beside another write. */
  async upsert(nameOrAlias: string, { points, update_filter }: UpsertPoints): Promise<void> {
    const collection = this.#collections.resolve(nameOrAlias)
    // Of several points with one id the last is stored.
    const wanted = new Map(points.map((point) => [point.id, point]))
    const there = await this.#vectors.retrieve(collection, [...wanted.keys()])
    const stored = new Map(there.map((point) => [point.id, point]))
    const mayReplace = update_filter ? filterTest(update_filter) : () => true
    const written = [...wanted.values()].flatMap(({ id, vector, payload }): Point[] => {
      const old = stored.get(id)
      if (old !== undefined && !mayReplace(old)) return []
      return [
        { id, version: (old?.version ?? 0) + 1, vectors: floats(vector), payload: read(payload) },
      ]
    })
    await this.#vectors.upsert(collection, written)
  }

  async retrieve(
    nameOrAlias: string,
    { ids, with_payload, with_vector }: z.infer<typeof getPoints>,
  ) {
    const collection = this.#collections.resolve(nameOrAlias)
    // Not in the order of the request, like Qdrant.
    const points = await this.#vectors.retrieve(collection, [...new Set(ids)].sort())
    return points.map(({ id, payload, vectors }) => ({
      id: written(id),
      ...(with_payload && { payload }),
      ...(with_vector && { vector: numbers(vectors) }),
    }))
  }

  async queryBatch(nameOrAlias: string, { searches }: z.infer<typeof queryBatch>) {
    const collection = this.#collections.resolve(nameOrAlias)
    const requests = searches.map(({ query, using, limit, filter }, nth) => {
      if (limit >= 1)
        return { vector: Float32Array.from(query), using, limit, filter: readFilter(filter) }
      const words = `[searches[${nth}].limit: value ${limit} invalid, must be 1 or larger]`
      throw new QdrantRefusal(422, `Validation error in JSON body: ${words}`)
    })
    const answers = await this.#vectors.search(collection, requests)
    return answers.map((hits, nth) => ({
      points: hits.map(({ id, score, payload }) => ({
        id: written(id),
        version: 0,
        score,
        ...(searches[nth]?.with_payload && { payload }),
      })),
    }))
  }

  /** Must not run beside another write. */
  async delete(nameOrAlias: string, selection: z.infer<typeof deletePoints>): Promise<void> {
    const collection = this.#collections.resolve(nameOrAlias)
    const filter =
      'points' in selection ? { must: [{ ids: selection.points }] } : readFilter(selection.filter)
    await this.#vectors.delete(collection, { filter })
  }

  async count(nameOrAlias: string, { filter }: z.infer<typeof countPoints>) {
    const collection = this.#collections.resolve(nameOrAlias)
    return {
      count: await this.#vectors.count(
        collection,
        readFilter(filter satisfies QdrantFilter | undefined),
      ),
    }
  }
}

/** Any JSON: embedded vectors store payloads unchanged. */
function read(payload: UpsertPoints['points'][number]['payload']): Payload {
  return (payload ?? {}) as Payload
}

function floats(vector: Readonly<Record<string, readonly number[]>>): Point['vectors'] {
  return Object.fromEntries(
    Object.entries(vector).map(([name, values]) => [name, Float32Array.from(values)]),
  )
}

function numbers(vectors: Point['vectors']): Record<string, number[]> {
  return Object.fromEntries(
    Object.entries(vectors).map(([name, values]) => [name, Array.from(values)]),
  )
}

/** Numeric ids are returned as numbers. */
function written(id: string): string | number {
  return id.includes('-') ? id : Number(id)
}
