import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { collectionsContract } from '#engines/vectors/contract-collections.ts'
import { HISTORIES, SEARCHES } from '#engines/vectors/contract-histories.ts'
import {
  asOf,
  floats,
  LOOK,
  lookAt,
  must,
  PAYLOAD,
  point,
  SPEC,
  unique,
} from '#engines/vectors/contract-points.ts'
import { referenceSearch } from '#engines/vectors/contract-search.ts'
import type { Filter, Payload, Point, SearchRequest, Vectors } from '#engines/vectors/port.ts'

/** What every vector engine does. `open` is called once; each test makes its own collections. */
export function vectorsContract(name: string, open: () => Promise<Vectors>): void {
  describe(`${name} keeps the contract of vectors`, () => {
    let vectors: Vectors
    beforeAll(async () => {
      vectors = await open()
    })
    afterAll(async () => {
      await vectors[Symbol.asyncDispose]()
    })

    async function collection(points: readonly Point[] = []): Promise<string> {
      const name = unique()
      await vectors.createCollection(name, SPEC)
      await vectors.upsert(name, points)
      return name
    }

    /** Versions above all that were written before, deletions too. */
    let era = 0
    function nextEra(): number {
      era += 100
      return era
    }

    async function found(name: string, request: Partial<SearchRequest> = {}): Promise<string[]> {
      const whole = { using: 'look', vector: floats(1, 0), limit: 100, ...request }
      const [hits = []] = await vectors.search(name, [whole])
      return hits.map((hit) => hit.id)
    }

    test('answers a ping', async () => {
      await expect(vectors.ping()).resolves.toBeUndefined()
    })

    describe('search', () => {
      test('finds the nearest by cosine whatever the lengths, best first, with score and payload', async () => {
        const name = await collection([
          point('opposite', { vectors: { text: floats(-9, 0, 0) } }),
          point('near', { vectors: { text: floats(50, 50, 0) }, payload: { brand: 'n' } }),
          point('same', { vectors: { text: floats(0.1, 0, 0) }, payload: { brand: 's' } }),
        ])
        const request = { using: 'text', vector: floats(7, 0, 0), limit: 10 }
        const [hits = []] = await vectors.search(name, [request])
        expect(hits.map(({ id, payload }) => ({ id, payload }))).toEqual([
          { id: 'same', payload: { brand: 's' } },
          { id: 'near', payload: { brand: 'n' } },
          { id: 'opposite', payload: {} },
        ])
        expect(hits[0]?.score).toBeCloseTo(1, 5)
        expect(hits[1]?.score).toBeCloseTo(Math.SQRT1_2, 5)
        expect(hits[2]?.score).toBeCloseTo(-1, 5)
      })

      test('scores a dot product with the lengths', async () => {
        const name = await collection([
          point('long', { vectors: { look: floats(3, 4) } }),
          point('short', { vectors: { look: floats(1, 0) } }),
        ])
        const [hits = []] = await vectors.search(name, [
          { using: 'look', vector: floats(2, 1), limit: 2 },
        ])
        expect(hits.map(({ id, score }) => ({ id, score }))).toEqual([
          { id: 'long', score: 10 },
          { id: 'short', score: 2 },
        ])
      })

      test('returns at most the limit', async () => {
        const name = await collection([lookAt('a', 1), lookAt('c', 3), lookAt('b', 2)])
        expect(await found(name, { limit: 2 })).toEqual(['c', 'b'])
      })

      test('orders ties by id', async () => {
        const name = await collection(['b', 'B', 'a10', 'a', 'a2'].map((id) => lookAt(id, 1)))
        expect(await found(name)).toEqual(['B', 'a', 'a10', 'a2', 'b'])
      })

      test('leaves out the points that lack the named vector', async () => {
        const name = await collection([
          point('both', { vectors: { look: floats(1, 1), text: floats(1, 1, 1) } }),
          point('look', { vectors: { look: floats(1, 1) } }),
          point('none'),
        ])
        expect(await found(name)).toEqual(['both', 'look'])
        expect(await found(name, { using: 'text', vector: floats(1, 0, 0) })).toEqual(['both'])
        expect(await vectors.count(name)).toBe(3)
      })

      test('answers several requests in their order', async () => {
        const name = await collection([
          point('right', { vectors: { look: floats(1, 0) } }),
          point('up', { vectors: { look: floats(0, 1) } }),
        ])
        const requests = [floats(0, 2), floats(2, 0), floats(0, 3)].map((vector) => ({
          using: 'look',
          vector,
          limit: 1,
        }))
        const answers = await vectors.search(name, requests)
        expect(answers.map(([hit]) => hit?.id)).toEqual(['up', 'right', 'up'])
        expect(await vectors.search(name, [])).toEqual([])
      })

      test('rejects with the reason of a signal that has aborted', async () => {
        const name = await collection([lookAt('a', 1)])
        const request = { using: 'look', vector: floats(1, 0), limit: 1 }
        const reason = new Error('the caller left')
        const search = vectors.search(name, [request], AbortSignal.abort(reason))
        await expect(search).rejects.toBe(reason)
      })
    })

    describe('filters', () => {
      const shop: Readonly<Record<string, Payload>> = {
        boots: {
          category: ['shoes', 'winter'],
          brand: 'Fell',
          price: 90,
          in_stock: true,
          colour: 'red',
        },
        gloves: { category: ['winter'], brand: "O'Hara", price: 15, in_stock: false },
        hose: { category: [], brand: null, price: 40, in_stock: true },
        bare: {},
      }
      const cases: [string, Filter, string[]][] = [
        ['empty', {}, ['bare', 'boots', 'gloves', 'hose']],
        ['match on a scalar', must({ field: 'brand', match: "O'Hara" }), ['gloves']],
        [
          'match on a list element',
          must({ field: 'category', match: 'winter' }),
          ['boots', 'gloves'],
        ],
        ['match on a bool', must({ field: 'in_stock', match: true }), ['boots', 'hose']],
        ['match on an integer', must({ field: 'price', match: 40 }), ['hose']],
        ['match on a field without index', must({ field: 'colour', match: 'red' }), ['boots']],
        ['match on a value nobody has', must({ field: 'brand', match: 'nobody' }), []],
        ['any', must({ field: 'brand', any: ['Fell', "O'Hara", 'x'] }), ['boots', 'gloves']],
        [
          'any on a list',
          must({ field: 'category', any: ['shoes', 'winter'] }),
          ['boots', 'gloves'],
        ],
        ['range', must({ field: 'price', range: { gte: 40, lte: 90 } }), ['boots', 'hose']],
        ['range from below', must({ field: 'price', range: { lte: 39 } }), ['gloves']],
        ['ids', must({ ids: ['hose', 'bare', 'unknown'] }), ['bare', 'hose']],
        [
          'two musts',
          must({ field: 'category', match: 'winter' }, { field: 'in_stock', match: true }),
          ['boots'],
        ],
        [
          'mustNot holds for absent and null fields',
          { mustNot: [{ field: 'brand', match: 'Fell' }] },
          ['bare', 'gloves', 'hose'],
        ],
        [
          'every mustNot counts',
          { mustNot: [{ ids: ['bare'] }, { field: 'price', range: { gte: 50 } }] },
          ['gloves', 'hose'],
        ],
        [
          'must with mustNot',
          {
            must: [{ field: 'category', match: 'winter' }],
            mustNot: [{ field: 'category', any: ['shoes'] }],
          },
          ['gloves'],
        ],
      ]
      let shopCollection: string
      beforeAll(async () => {
        shopCollection = await collection(
          Object.entries(shop).map(([id, payload]) => point(id, { payload, ...LOOK })),
        )
      })

      test.each(cases)('%s', async (_, filter, expected) => {
        expect(await found(shopCollection, { filter })).toEqual(expected)
        expect(await vectors.count(shopCollection, filter)).toBe(expected.length)
      })
    })

    describe('upsert', () => {
      test('replaces the whole point', async () => {
        const name = await collection([
          point('p', { vectors: { look: floats(1, 0), text: floats(1, 0, 0) }, payload: PAYLOAD }),
        ])
        const newer = point('p', {
          version: 2,
          vectors: { look: floats(0, 1) },
          payload: { brand: 'b' },
        })
        await vectors.upsert(name, [newer])
        expect(await vectors.retrieve(name, ['p'])).toEqual([newer])
        expect(await vectors.count(name, must({ field: 'category', match: 'a' }))).toBe(0)
        expect(await found(name, { using: 'text', vector: floats(1, 0, 0) })).toEqual([])
      })

      test('changes nothing with an equal or lower version, also within one call', async () => {
        const kept = point('p', { version: 5, payload: { brand: 'kept' }, ...LOOK })
        const others = [5, 4, 0].map((version) =>
          point('p', { version, payload: { brand: 'not kept' } }),
        )
        const name = await collection([kept])
        await vectors.upsert(name, others)
        expect(await vectors.retrieve(name, ['p'])).toEqual([kept])
        const second = await collection([kept, ...others])
        expect(await vectors.retrieve(second, ['p'])).toEqual([kept])
      })

      test('ends in the same state whatever the order of the versions', async () => {
        const name = await collection()
        const ids = ['a', 'b', 'c']
        const writes = fc.uniqueArray(
          fc.record({
            id: fc.constantFrom(...ids),
            version: fc.integer({ min: 0, max: 9 }),
            deletes: fc.boolean(),
          }),
          { selector: ({ id, version }) => `${id} ${version}`, minLength: 1, maxLength: 12 },
        )
        const shuffled = writes.chain((all) =>
          fc.tuple(
            fc.constant(all),
            fc.shuffledSubarray(all, { minLength: all.length }),
            fc.integer({ min: 1, max: 4 }),
          ),
        )
        await fc.assert(
          fc.asyncProperty(shuffled, async ([writes, order, batch]) => {
            await vectors.delete(name, { filter: {} })
            const since = nextEra()
            for (let start = 0; start < order.length; start += batch) {
              const some = order.slice(start, start + batch)
              const [deletions, upserts] = [true, false].map((deletes) =>
                some
                  .filter((write) => write.deletes === deletes)
                  .map(({ id, version }) => versioned({ id, version: since + version })),
              )
              await vectors.delete(name, { points: deletions ?? [] })
              await vectors.upsert(name, upserts ?? [])
            }
            const newest = new Map(writes.toSorted(byVersion).map((write) => [write.id, write]))
            const expected = ids.flatMap((id) => {
              const { version, deletes } = newest.get(id) ?? { version: 0, deletes: true }
              return deletes ? [] : versioned({ id, version: since + version })
            })
            expect(await vectors.retrieve(name, ids)).toEqual(expected)
            expect(await vectors.count(name)).toBe(expected.length)
          }),
          { numRuns: 30 },
        )
      })

      test('takes any string as an id', async () => {
        const awkward = [
          '',
          ' ',
          '👟 "q" \'s',
          "'); DROP TABLE points; --",
          '../..',
          'x'.repeat(500),
        ]
        const lookAlikes = ['\u00e9', 'e\u0301', '\u212b', '\u00c5', 'A\u030a']
        const ids = [...awkward, ...lookAlikes]
        const points = ids.map((id) => point(id, { payload: { brand: id }, ...LOOK }))
        const name = await collection(points)
        expect(await vectors.retrieve(name, ids)).toEqual(points)
        expect(await vectors.count(name)).toBe(ids.length)
        expect(await vectors.count(name, must({ ids }))).toBe(ids.length)
      })
    })

    describe('retrieve, delete, count', () => {
      test('retrieve keeps the order asked for and leaves unknown ids out', async () => {
        const points = ['a', 'b', 'c'].map((id) => point(id, { payload: PAYLOAD, ...LOOK }))
        const name = await collection(points)
        const [a, , c] = points
        expect(await vectors.retrieve(name, ['c', 'unknown', 'a'])).toEqual([c, a])
        expect(await vectors.retrieve(name, [])).toEqual([])
      })

      test('retrieve returns cosine vectors with unit length', async () => {
        const name = await collection([point('p', { vectors: { text: floats(0, 3, 4) } })])
        const [stored] = await vectors.retrieve(name, ['p'])
        const [x, y, z] = stored?.vectors['text'] ?? []
        expect([x, y, z]).toEqual([0, expect.closeTo(0.6, 5), expect.closeTo(0.8, 5)])
      })

      test('delete by id and by filter takes points out of every answer', async () => {
        const name = await collection(
          ['a', 'b', 'c', 'd'].map((id) => point(id, { payload: { brand: id }, ...LOOK })),
        )
        await vectors.delete(name, { points: [...asOf(2, 'a'), ...asOf(2, 'unknown')] })
        await vectors.delete(name, { filter: must({ field: 'brand', match: 'c' }) })
        expect(await found(name)).toEqual(['b', 'd'])
        expect(await vectors.count(name)).toBe(2)
        expect(await vectors.retrieve(name, ['a', 'c'])).toEqual([])
        expect(await vectors.count(name, must({ field: 'brand', any: ['a', 'b', 'c'] }))).toBe(1)
      })

      test('a deleted id stays deleted against an older upsert, and a newer one stores it again', async () => {
        const name = await collection([point('a', { version: 9, ...LOOK })])
        await vectors.delete(name, { points: asOf(10, 'a', 'never stored') })
        const older = ['a', 'never stored'].map((id) => point(id, { version: 10, ...LOOK }))
        await vectors.upsert(name, older)
        expect(await found(name)).toEqual([])
        expect(await vectors.count(name, { mustNot: [{ ids: ['b'] }] })).toBe(0)
        await vectors.upsert(name, [point('a', { version: 11, ...LOOK })])
        expect(await found(name)).toEqual(['a'])
        expect(await vectors.count(name)).toBe(1)
      })

      test('an older delete removes nothing', async () => {
        const name = await collection([point('a', { version: 9, ...LOOK })])
        await vectors.delete(name, { points: [...asOf(9, 'a'), ...asOf(3, 'a')] })
        expect(await found(name)).toEqual(['a'])
      })

      test('a delete by filter remembers nothing, and forgets no delete by id', async () => {
        const name = await collection([point('a', { version: 9, ...LOOK })])
        await vectors.delete(name, { points: asOf(5, 'b') })
        await vectors.delete(name, { filter: {} })
        await vectors.upsert(name, [point('a', LOOK), point('b', LOOK)])
        expect(await found(name)).toEqual(['a'])
      })
    })

    describe('collections and aliases', () => {
      collectionsContract(() => vectors)
    })

    describe('errors', () => {
      test('an unknown collection is named by every call', async () => {
        const name = unique()
        const request = { using: 'look', vector: floats(1, 0), limit: 1 }
        const calls = [
          () => vectors.upsert(name, [point('a')]),
          () => vectors.search(name, [request]),
          () => vectors.retrieve(name, ['a']),
          () => vectors.delete(name, { points: asOf(1, 'a') }),
          () => vectors.delete(name, { filter: {} }),
          () => vectors.count(name),
          () => vectors.setAlias(unique(), name),
        ]
        for (const call of calls) {
          await expect(call()).rejects.toMatchObject({
            code: 'UNKNOWN_COLLECTION',
            retriable: false,
            message: expect.stringContaining(name),
          })
        }
      })

      test.each([
        ['length', { look: floats(1, 2, 3) }],
        ['name', { smell: floats(1, 2) }],
        ['value', { look: floats(1, Number.NaN) }],
      ])('a wrong vector %s is refused and nothing of the call is stored', async (_, wrong) => {
        const name = await collection()
        const points = [lookAt('good', 1), point('bad', { vectors: wrong })]
        await expect(vectors.upsert(name, points)).rejects.toMatchObject({
          code: 'ENGINE_REFUSED',
          retriable: false,
        })
        expect(await vectors.count(name)).toBe(0)
      })

      test.each([
        ['length', { vector: floats(1) }],
        ['name', { using: 'smell' }],
        ['limit', { limit: 0 }],
      ])('a search with a wrong %s is refused', async (_, wrong) => {
        const name = await collection([lookAt('a', 1)])
        await expect(found(name, wrong)).rejects.toMatchObject({
          code: 'ENGINE_REFUSED',
          retriable: false,
        })
      })
    })

    test('finds what comparing with every point finds, under any filter and after any history', async () => {
      const name = await collection()
      await fc.assert(
        fc.asyncProperty(HISTORIES, SEARCHES, async (writes, requests) => {
          await vectors.delete(name, { filter: {} })
          const since = nextEra()
          const model = new Map<string, Point>()
          for (const [index, { id, deletes, ...rest }] of writes.entries()) {
            const version = since + index
            if (deletes) {
              await vectors.delete(name, { points: asOf(version, id) })
              model.delete(id)
            } else {
              const written = point(id, { ...rest, version })
              await vectors.upsert(name, [written])
              model.set(id, written)
            }
          }
          const answers = await vectors.search(name, requests)
          const plain = answers.map((hits) => hits.map(({ id, score }) => ({ id, score })))
          expect(plain).toEqual(requests.map((request) => referenceSearch(model, request)))
        }),
        { numRuns: 40 },
      )
    })
  })
}

function byVersion(a: Pick<Point, 'version'>, b: Pick<Point, 'version'>): number {
  return a.version - b.version
}

function versioned({ id, version }: { id: string; version: number }): Point {
  return point(id, { version, vectors: { look: floats(version, 1) }, payload: { price: version } })
}
