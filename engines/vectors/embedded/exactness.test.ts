import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { referenceSearch } from '#engines/vectors/contract-search.ts'
import { openEmbeddedVectors } from '#engines/vectors/embedded/embedded-vectors.ts'
import type { Filter, Point, Vectors } from '#engines/vectors/port.ts'

// More points than a segment of rows, changed and deleted, read back from the disk, searched with small limits.

const POINTS = 3000
const SIZE = 10
const points = new Map<string, Point>()
let folder: string
let vectors: Vectors

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'freshet-vectors-'))
  vectors = await openEmbeddedVectors({ folder })
  await vectors.createCollection('items', {
    vectors: {
      whole: { size: SIZE, distance: 'Dot' },
      real: { size: SIZE, distance: 'Cosine' },
    },
    indexes: { category: 'keyword', in_stock: 'bool', price: 'integer' },
  })
  const [first, changes] = fc.sample(fc.tuple(drawnPoints(1), drawnPoints(2)), {
    numRuns: 1,
    seed: 7,
  })[0] as [Point[], Point[]]
  await vectors.upsert('items', first)
  const changed = changes.filter((_, index) => index % 3 === 0)
  const deleted = first.filter((_, index) => index % 7 === 0).map((point) => point.id)
  await vectors.upsert('items', changed)
  await vectors.delete('items', { points: deleted.map((id) => ({ id, version: 3 })) })
  for (const point of [...first, ...changed]) points.set(point.id, point)
  for (const id of deleted) points.delete(id)
})
afterAll(async () => {
  await vectors[Symbol.asyncDispose]()
  await rm(folder, { recursive: true })
})

test('finds exactly what comparing with every point finds, up to the cut through a tie', async () => {
  await fc.assert(fc.asyncProperty(wholeVectors(), limits(), filters(), sameAsReference), {
    numRuns: 60,
  })
})

test('and the same after a reopen', async () => {
  await vectors[Symbol.asyncDispose]()
  vectors = await openEmbeddedVectors({ folder })
  expect(await vectors.count('items')).toBe(points.size)
  await fc.assert(fc.asyncProperty(wholeVectors(), limits(), filters(), sameAsReference), {
    numRuns: 20,
  })
})

test('cosine scores are those of float64 arithmetic to six digits, in descending order', async () => {
  const unit = new Map([...points].map(([id, point]) => [id, withUnitLength(point)]))
  await fc.assert(
    fc.asyncProperty(realVectors(), filters(), async (vector, filter) => {
      const request = { using: 'real', vector, limit: POINTS, filter }
      const [hits = []] = await vectors.search('items', [request])
      const query = unitLength(vector)
      const expected = new Map(
        referenceSearch(unit, { ...request, vector: query }).map(({ id, score }) => [id, score]),
      )
      expect(hits.map(({ id }) => id).sort(byText)).toEqual([...expected.keys()].sort(byText))
      for (const [index, { id, score }] of hits.entries()) {
        expect(Math.abs(score - (expected.get(id) ?? Number.NaN))).toBeLessThan(1e-6)
        expect(score).toBeLessThanOrEqual(hits[index - 1]?.score ?? 2)
      }
    }),
    { numRuns: 20 },
  )
})

async function sameAsReference(vector: Float32Array, limit: number, filter: Filter): Promise<void> {
  const request = { using: 'whole', vector, limit, filter }
  const [hits = []] = await vectors.search('items', [request])
  expect(hits.map(({ id, score }) => ({ id, score }))).toEqual(referenceSearch(points, request))
}

function drawnPoints(version: number): fc.Arbitrary<Point[]> {
  const one = fc.record({
    whole: wholeVectors(),
    real: realVectors(),
    kept: fc.nat(9),
    payload: fc.record({
      category: fc.uniqueArray(fc.constantFrom('a', 'b', 'c', 'd', 'e'), { maxLength: 2 }),
      in_stock: fc.boolean(),
      price: fc.nat(50),
    }),
  })
  return fc.array(one, { minLength: POINTS, maxLength: POINTS, size: 'max' }).map((all) =>
    all.map(({ whole, real, kept, payload }, index) => ({
      id: `item-${index}`,
      version,
      vectors: { ...(kept > 0 && { whole }), ...(kept < 9 && { real }) },
      payload,
    })),
  )
}

function wholeVectors() {
  const value = fc.integer({ min: -2, max: 2 })
  return fc
    .array(value, { minLength: SIZE, maxLength: SIZE })
    .map((values) => Float32Array.from(values))
}

function realVectors() {
  const value = fc.double({ min: -1, max: 1, noNaN: true })
  return fc
    .array(value, { minLength: SIZE, maxLength: SIZE })
    .map((values) => Float32Array.from(values))
    .filter((vector) => vector.some((component) => Math.abs(component) > 1e-3))
}

function limits() {
  return fc.integer({ min: 1, max: 40 })
}

function filters() {
  const condition = fc.oneof(
    fc.record({ field: fc.constant('category'), match: fc.constantFrom('a', 'b', 'nobody') }),
    fc.record({ field: fc.constant('category'), any: fc.constant(['a', 'c', 'e']) }),
    fc.record({ field: fc.constant('in_stock'), match: fc.boolean() }),
    fc.record({
      field: fc.constant('price'),
      range: fc.record({ gte: fc.nat(50), lte: fc.nat(50) }),
    }),
    fc.record({
      ids: fc.array(
        fc.nat(POINTS).map((n) => `item-${n}`),
        { maxLength: 60 },
      ),
    }),
  )
  return fc.record({
    must: fc.array(condition, { maxLength: 2 }),
    mustNot: fc.array(condition, { maxLength: 2 }),
  })
}

function withUnitLength(point: Point): Point {
  const { real } = point.vectors
  return { ...point, vectors: real ? { real: unitLength(real) } : {} }
}

function unitLength(vector: Float32Array): Float32Array {
  const length = Math.hypot(...vector)
  return vector.map((value) => value / length)
}

function byText(a: string, b: string): number {
  return a < b ? -1 : 1
}
