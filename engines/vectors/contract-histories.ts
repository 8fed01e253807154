import fc from 'fast-check'
import type { Condition } from '#engines/vectors/port.ts'

const IDS = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h']
const WORDS = ['x', 'y', 'z']

/** Small whole numbers: their dot products are exact in float32, and full of ties. */
const LOOKS = fc
  .tuple(fc.integer({ min: -2, max: 2 }), fc.integer({ min: -2, max: 2 }))
  .map(([x, y]) => Float32Array.of(x, y))

/** Writes in order: upserts of whole points and deletes. */
export const HISTORIES = fc.array(
  fc.record({
    id: fc.constantFrom(...IDS),
    deletes: fc.nat(4).map((n) => n === 0),
    vectors: fc.oneof({ weight: 5, arbitrary: LOOKS.map((look) => ({ look })) }, fc.constant({})),
    payload: fc.record(
      {
        category: fc.uniqueArray(fc.constantFrom(...WORDS)),
        brand: fc.option(fc.constantFrom(...WORDS)),
        price: fc.integer({ min: 0, max: 3 }),
        in_stock: fc.boolean(),
      },
      { requiredKeys: [] },
    ),
  }),
  { maxLength: 20 },
)

const CONDITIONS: fc.Arbitrary<Condition> = fc.oneof(
  fc.record({
    field: fc.constantFrom('category', 'brand'),
    match: fc.constantFrom(...WORDS),
  }),
  fc.record({
    field: fc.constantFrom('category', 'brand'),
    any: fc.uniqueArray(fc.constantFrom(...WORDS), { minLength: 1 }),
  }),
  fc.record({ field: fc.constant('in_stock'), match: fc.boolean() }),
  fc.record({
    field: fc.constant('price'),
    range: fc.record({ gte: fc.nat(3), lte: fc.nat(3) }),
  }),
  fc.record({ ids: fc.uniqueArray(fc.constantFrom(...IDS), { minLength: 1 }) }),
)

export const SEARCHES = fc.array(
  fc.record({
    using: fc.constant('look'),
    vector: LOOKS,
    // All points, so that which of the tied come first does not depend on where an engine cuts.
    limit: fc.constant(IDS.length),
    filter: fc.record({
      must: fc.array(CONDITIONS, { maxLength: 2 }),
      mustNot: fc.array(CONDITIONS, { maxLength: 2 }),
    }),
  }),
  { minLength: 1, maxLength: 4 },
)
