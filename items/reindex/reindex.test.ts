import { pino } from 'pino'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { systemClock } from '#engines/clock/system-clock.ts'
import { EngineError } from '#engines/errors.ts'
import type { TextModel } from '#engines/models/port.ts'
import type { Vectors } from '#engines/vectors/port.ts'
import { ITEMS_TEXT, ITEMS_TEXT_NEXT, itemsCollection, TEXT_VECTOR } from '#schemas/vectors.ts'
import { openItems } from '../collections.ts'
import { planReindex } from './plan.ts'
import { prune } from './prune.ts'
import { openShop, type Shop, watchedModel } from './reindex.fixture.ts'
import { type ReindexOptions, reindex } from './reindex.ts'
import { catchUp, rollBack } from './rollback.ts'

const logger = pino({ level: 'silent' })
const TITLES = Object.fromEntries(
  Array.from({ length: 600 }, (_, i) => [`p${i}`, `Spade ${i} with ${i % 7} handles`]),
)

let shop: Shop
let model: TextModel
beforeAll(async () => {
  shop = await openShop()
})
beforeEach(async () => {
  await shop.clear()
  model = await watchedModel(64)
  await openItems(shop.vectors, model)
})
afterAll(() => shop[Symbol.asyncDispose]())

const withModel = (model: TextModel, changed: Partial<ReindexOptions['engines']> = {}) => {
  const { tables, vectors, cache } = shop
  return { engines: { tables, vectors, cache, model, clock: systemClock, ...changed }, logger }
}
const run = (model: TextModel, options: Partial<ReindexOptions> = {}) =>
  reindex({ ...withModel(model), ...options })
const served = () => shop.vectors.collectionOf(ITEMS_TEXT)
const titlesServed = async (ids: readonly string[]) => {
  const points = await shop.vectors.retrieve(ITEMS_TEXT, ids)
  return points.map(({ id }) => id)
}

test('another model gets a collection of its own, verified, and readers get it in one step', async () => {
  await shop.change({ ...TITLES, gone: 'Hose' }, model)
  await shop.change({ gone: null }, model)
  const other = await watchedModel(96)
  const report = await run(other)
  expect(report).toMatchObject({
    space: other.space,
    collection: itemsCollection(other.space, 2),
    served_before: itemsCollection(model.space),
    resumed: false,
    products: 600,
    embedded: 600,
    behind: 0,
    swapped: true,
    verification: { products: 600, points: 600, missing: 0, stale: 0, sample: 50, failures: [] },
  })
  expect(report.verification.least_likeness).toBeGreaterThan(0.9999)
  expect(report.verification.recall_at_10).toBe(1)
  expect(await served()).toBe(report.collection)
  const [point] = await shop.vectors.retrieve(ITEMS_TEXT, ['p3'])
  expect(point).toMatchObject({ version: 3, payload: { price_minor: 103, brand: 'Acme' } })
  expect(point?.vectors[TEXT_VECTOR]?.length).toBe(96)
})

test('the same space is built anew beside the old collection', async () => {
  await shop.change(TITLES, model)
  const first = await run(model)
  const second = await run(model)
  expect([first.collection, second.collection]).toEqual([
    itemsCollection(model.space, 2),
    itemsCollection(model.space, 3),
  ])
  expect(second).toMatchObject({ served_before: first.collection, embedded: 600, swapped: true })
})

test('an empty catalogue is no failure', async () => {
  expect(await run(model)).toMatchObject({ products: 0, embedded: 0, swapped: true })
})

describe('what changes during the run is not lost:', () => {
  const CHANGES = { p1: 'Rake', p2: null, new1: 'Bench', p500: 'Wheelbarrow', p501: null }

  async function expectChanged(collection: string) {
    const { vectors } = shop
    expect(await vectors.count(collection)).toBe(599)
    expect(await vectors.retrieve(collection, ['p2', 'p501'])).toEqual([])
    const found = await vectors.retrieve(collection, ['p1', 'new1', 'p500'])
    const wanted = await model.embed(
      ['Rake', 'Bench', 'Wheelbarrow'].map((t) => `${t}. Acme. garden tools`),
    )
    expect(found.length).toBe(3)
    for (const [i, point] of found.entries()) {
      const distance = point.vectors[TEXT_VECTOR]?.map((x, d) =>
        Math.abs(x - (wanted[i]?.[d] ?? 9)),
      )
      expect(Math.max(...(distance ?? [9]))).toBeLessThan(1e-6)
    }
  }

  test.each(['rows alone', 'rows and vectors'])('of a processor that writes %s', async (what) => {
    await shop.change(TITLES, model)
    let calls = 0
    const changing = await watchedModel(64, async () => {
      calls += 1
      if (calls === 2) await shop.change(CHANGES, what === 'rows alone' ? undefined : model)
    })
    const report = await run(changing)
    expect(report).toMatchObject({ swapped: true, behind: 0 })
    await expectChanged(ITEMS_TEXT)
  })

  test('even right before and after the swap', async () => {
    await shop.change(TITLES, model)
    const { p1, p2, ...rest } = CHANGES
    const vectors = intercepted(shop.vectors, {
      async setAlias(alias, collection) {
        if (alias === ITEMS_TEXT) await shop.change({ p1, p2 })
        await shop.vectors.setAlias(alias, collection)
        if (alias === ITEMS_TEXT) await shop.change(rest)
      },
    })
    const report = await reindex(withModel(model, { vectors }))
    expect(report).toMatchObject({ swapped: true, behind: 0 })
    await expectChanged(ITEMS_TEXT)
  })

  test('and a late write does not bring back what was removed', async () => {
    await shop.change(TITLES, model)
    const { collection } = await run(model)
    const [old] = await shop.vectors.retrieve(collection, ['p2'])
    await shop.change({ p2: null })
    await catchUp(withModel(model))
    await shop.vectors.upsert(collection, old ? [old] : [])
    expect(await titlesServed(['p2', 'p3'])).toEqual(['p3'])
  })

  test('a product that never stops changing holds nothing up', async () => {
    await shop.change(TITLES, model)
    let n = 0
    const restless = await watchedModel(64, () => shop.change({ p1: `Rake ${n++}` }))
    const report = await run(restless)
    expect(report.swapped).toBe(true)
    expect(report.behind).toBe(1)
  })
})

describe('a run that is cut short', () => {
  async function cutShort(after: number) {
    const stop = new AbortController()
    let calls = 0
    const dying = await watchedModel(64, async () => {
      calls += 1
      if (calls > after) stop.abort()
    })
    await expect(run(dying, { signal: stop.signal })).rejects.toThrow('aborted')
    return dying.embedded
  }

  test('changes nothing for readers and is resumed without embedding again what is there', async () => {
    await shop.change(TITLES, model)
    await cutShort(1)
    expect(await served()).toBe(itemsCollection(model.space))
    const resuming = await watchedModel(64)
    const report = await run(resuming)
    expect(report).toMatchObject({ resumed: true, swapped: true, products: 600 })
    expect(report.collection).toBe(itemsCollection(model.space, 2))
    expect(report.embedded).toBeLessThanOrEqual(600 - 256)
    expect(await shop.vectors.count(ITEMS_TEXT)).toBe(600)
  })

  test('sees what was changed and removed before it is resumed', async () => {
    await shop.change(TITLES, model)
    await cutShort(2)
    await shop.change({ p0: 'Trowel', p1: null })
    const report = await run(model)
    expect(report).toMatchObject({ resumed: true, swapped: true, products: 599, removed: 1 })
    expect(await titlesServed(['p0', 'p1'])).toEqual(['p0'])
  })

  test('is left behind when the model is changed', async () => {
    await shop.change(TITLES, model)
    await cutShort(1)
    const other = await watchedModel(96)
    expect(await run(other)).toMatchObject({
      resumed: false,
      collection: itemsCollection(other.space, 3),
      swapped: true,
    })
    expect(await prune(shop.vectors)).toEqual([itemsCollection(model.space, 2)])
  })
})

describe('a collection that is not what it should be is not served:', () => {
  const cases: readonly [string, Partial<Vectors>, RegExp][] = [
    [
      'points that get lost',
      {
        upsert: (into, points) =>
          shop.vectors.upsert(
            into,
            points.filter(({ id }) => id !== 'p7'),
          ),
      },
      /^1 of 600 products have no vector; there are 599 points for 600 products$/,
    ],
    [
      'points too many',
      {
        upsert: async (into, points) => {
          const [one] = points
          await shop.vectors.upsert(into, one ? [...points, { ...one, id: 'ghost' }] : [])
        },
      },
      /^there are 601 points for 600 products$/,
    ],
    [
      'vectors of something else',
      {
        upsert: (into, points) =>
          shop.vectors.upsert(
            into,
            points.map((point) => ({
              ...point,
              vectors: {
                [TEXT_VECTOR]: point.vectors[TEXT_VECTOR]?.toReversed() ?? new Float32Array(64),
              },
            })),
          ),
      },
      /a stored vector is only/,
    ],
    [
      'a search that misses neighbours',
      {
        search: async (from, requests) => {
          const found = await shop.vectors.search(from, requests)
          return found.map((hits) => hits.filter((_, i) => i !== 2))
        },
      },
      /finds only/,
    ],
  ]
  test.each(cases)('%s', async (_, flaw, why) => {
    await shop.change(TITLES, model)
    const vectors = intercepted(shop.vectors, flaw)
    const report = await reindex(withModel(model, { vectors }))
    expect(report.swapped).toBe(false)
    expect(report.verification.failures.join('; ')).toMatch(why)
    expect(await served()).toBe(itemsCollection(model.space))
  })
})

test('engines that fail during a run are waited for', async () => {
  await shop.change(TITLES, model)
  let calls = 0
  const vectors = intercepted(shop.vectors, {
    async upsert(into, points) {
      calls += 1
      if (calls % 2 === 0) throw new EngineError('ENGINE_UNAVAILABLE', 'away')
      await shop.vectors.upsert(into, points)
    },
  })
  const report = await reindex(withModel(model, { vectors }))
  expect(report).toMatchObject({ swapped: true, products: 600 })
  expect(calls).toBeGreaterThan(3)
})

test('two runs at once: the second is refused, and may run when the first is done', async () => {
  await shop.change(TITLES, model)
  let second: Promise<unknown> = Promise.resolve('not begun')
  const first = await watchedModel(64, async () => {
    second = run(model).catch((error: unknown) => error)
    await second
  })
  expect(await run(first)).toMatchObject({ swapped: true })
  expect(await second).toMatchObject({
    code: 'ENGINE_REFUSED',
    message: /another reindex is at work/,
  })
  expect(await run(model)).toMatchObject({ swapped: true })
})

test('a dry run says what would be done and changes nothing', async () => {
  await shop.change(TITLES, model)
  const other = await watchedModel(96)
  expect(await planReindex(withModel(other))).toMatchObject({
    dry_run: true,
    collection: itemsCollection(other.space, 2),
    served: itemsCollection(model.space),
    resumes: false,
    products: 600,
    filled: 0,
    to_embed: 600,
    measured_texts: 256,
  })
  expect(await shop.vectors.collectionOf(ITEMS_TEXT_NEXT)).toBeUndefined()
  await expect(shop.vectors.count(itemsCollection(other.space, 2))).rejects.toMatchObject({
    code: 'UNKNOWN_COLLECTION',
  })
})

describe('a rollback', () => {
  test('gives readers what they had before, with what has changed since; a second one undoes it', async () => {
    await shop.change(TITLES, model)
    const { collection } = await run(model)
    await shop.change({ p1: 'Rake', p2: null })
    const report = await rollBack(withModel(model))
    expect(report).toMatchObject({
      collection: itemsCollection(model.space),
      served_before: collection,
    })
    expect(report.refreshed).toMatchObject({ embedded: 1, removed: 1, behind: 0 })
    expect(await served()).toBe(itemsCollection(model.space))
    expect(await titlesServed(['p1', 'p2'])).toEqual(['p1'])
    expect(await rollBack(withModel(model))).toMatchObject({ collection })
  })

  test('to another model does not touch its vectors, and says so', async () => {
    await shop.change(TITLES, model)
    const other = await watchedModel(96)
    await run(other)
    const report = await rollBack(withModel(other))
    expect(report).toMatchObject({ collection: itemsCollection(model.space), refreshed: null })
  })

  test('with nothing before is refused', async () => {
    await expect(rollBack(withModel(model))).rejects.toThrow('no previous collection')
  })
})

test('catching up is for the model that is served', async () => {
  await shop.change(TITLES)
  expect(await catchUp(withModel(model))).toMatchObject({ embedded: 600, behind: 0 })
  expect(await catchUp(withModel(model))).toMatchObject({ embedded: 0, reused: 0, passes: 1 })
  await expect(catchUp(withModel(await watchedModel(96)))).rejects.toThrow('EMBEDDING_MODEL')
})

test('pruning after every run keeps two collections, however many runs there are', async () => {
  await shop.change({ p1: 'Spade' }, model)
  const names = [itemsCollection(model.space)]
  for (let i = 0; i < 5; i++) {
    names.push((await run(model)).collection)
    expect(await prune(shop.vectors)).toEqual(names.slice(Math.max(0, i - 1), i))
  }
})

test('pruning keeps what is served and what was served before', async () => {
  await shop.change({ p1: 'Spade' }, model)
  const names: string[] = []
  for (let i = 0; i < 4; i++) names.push((await run(model)).collection)
  const [second = '', third = '', fourth = '', fifth = ''] = names
  expect(await prune(shop.vectors)).toEqual([third, second, itemsCollection(model.space)])
  expect(await prune(shop.vectors)).toEqual([])
  await expect(shop.vectors.count(third)).rejects.toMatchObject({ code: 'UNKNOWN_COLLECTION' })
  expect(await shop.vectors.count(fourth)).toBe(1)
  expect(await served()).toBe(fifth)
  expect(await rollBack(withModel(model))).toMatchObject({ collection: fourth })
})

/** The engine, with some of its methods replaced. */
function intercepted(vectors: Vectors, methods: Partial<Vectors>): Vectors {
  return new Proxy(vectors, {
    get: (target, name) => {
      const value: unknown = Reflect.get(methods, name) ?? Reflect.get(target, name, target)
      return typeof value === 'function' ? (value.bind(target) as unknown) : value
    },
  })
}
