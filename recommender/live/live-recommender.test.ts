import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { TOPIC_NAMES } from '#schemas/topics.ts'
import { ITEM_INDEXES, ITEMS_TEXT, itemsCollection, TEXT_VECTOR } from '#schemas/vectors.ts'
import { order, product, view } from '../events.fixture.ts'
import { caughtUp, LiveEngines } from './live-engines.fixture.ts'
import type { TableGroup } from './positions.ts'

const GROUP: TableGroup = { group: 'archive', topics: TOPIC_NAMES }

let engines: LiveEngines

beforeAll(async () => {
  engines = await LiveEngines.open()
})
afterAll(() => engines[Symbol.asyncDispose]())

describe('the live recommender', () => {
  test('knows what the tables hold, then learns what is appended', async () => {
    for (const [ver, id] of ['spade', 'rake', 'hose', 'gone'].entries())
      await engines.catalogue(id, ver, { removed: id === 'gone' ? 1 : 0 })
    await engines.store([
      product({ product_id: 'spade' }),
      ...['u1', 'u2', 'u3'].flatMap((user) => [view(user, 'spade'), view(user, 'rake')]),
      view('u4', 'gone'),
      order('u5', ['hose', 'rake']),
    ])
    await using live = await engines.start()
    const list = async (userId: string) => {
      const answer = await live.recommender.forUser({
        userId,
        limit: 10,
        surface: 'home',
        exclude: [],
      })
      return answer.items.map((item) => item.product_id)
    }
    expect(await live.lag()).toBe(0)
    const ofSession = await live.recommender.forSession({ productIds: ['spade'], limit: 1 })
    expect(ofSession.items).toMatchObject([{ product_id: 'rake', title: 'The rake' }])
    expect(await list('u5')).toEqual(['spade'])
    expect(await list('new')).not.toContain('gone')

    await engines.append([order('new', ['rake'])])
    await caughtUp(live)
    expect(await list('new')).toEqual(['spade', 'hose'])
  })

  test('repeated deliveries and undecodable records change nothing and stop nothing', async () => {
    await using live = await engines.start()
    const lists = async () => {
      await caughtUp(live)
      const { items } = await live.recommender.forSession({ productIds: ['spade'], limit: 5 })
      return items
    }
    const twice = view('u9', 'hose')
    await engines.append([twice])
    const before = await lists()
    await engines.log.append([
      { topic: 'commerce.activity', key: 'u9', value: Buffer.from('nonsense') },
      { topic: 'commerce.activity', key: 'u9', value: null },
    ])
    await engines.append([twice, twice])
    expect(await lists()).toEqual(before)
    await engines.append([view('u9', 'rake')])
    expect(await lists()).not.toEqual(before)
  })

  test('reads on from the commits of those who fill the tables, not from the newest row', async () => {
    const [missing, stored] = [view('u20', 'spade'), view('u20', 'rake')]
    await engines.append([missing])
    // As after a crash in the middle of a batch: the later row is there, the earlier is not.
    await engines.store([stored])
    const knows = async (tableGroups: readonly TableGroup[]) => {
      await using live = await engines.start({ tableGroups })
      await caughtUp(live)
      const answer = await live.recommender.forUser({
        userId: 'u20',
        limit: 1,
        surface: 'home',
        exclude: [],
      })
      return answer.items[0]?.reasons.flatMap(({ evidence }) => evidence) ?? []
    }
    expect(await knows([])).not.toContain('spade')
    expect(await knows([GROUP])).toContain('spade')
  })

  test('duplicates marked in the table are not learned, and the look-back is bounded', async () => {
    await engines.store([view('u30', 'hose')])
    await engines.store([view('u31', 'hose')], 1)
    await using live = engines.begin({ lookbackEvents: 1 })
    await live.learned
    expect(live.recommender.anyUser()).toBe('u30')
  })

  test('says that it is still learning until the tables are learned', async () => {
    await using live = engines.begin()
    await expect(live.ping()).rejects.toMatchObject({ code: 'ENGINE_UNAVAILABLE', retriable: true })
    await live.learned
    await expect(live.ping()).resolves.toBeUndefined()
  })

  test('stops in the middle of learning when it is told to', async () => {
    const live = engines.begin()
    await live[Symbol.asyncDispose]()
    await expect(live.learned).rejects.toThrow('aborted')
  })

  test('products without any event are found by their text', async () => {
    const collection = itemsCollection('test')
    await engines.vectors.createCollection(collection, {
      vectors: { [TEXT_VECTOR]: { size: 2, distance: 'Cosine' } },
      indexes: ITEM_INDEXES,
    })
    await engines.vectors.upsert(
      collection,
      Object.entries({ spade: [1, 0], shovel: [0.9, 0.1], hose: [0, 1] }).map(([id, vector]) => ({
        id,
        version: 1,
        vectors: { [TEXT_VECTOR]: Float32Array.from(vector) },
        payload: { category: [], brand: '', price_minor: 0, content_hash: '' },
      })),
    )
    await engines.vectors.setAlias(ITEMS_TEXT, collection)
    await engines.catalogue('shovel', 100)
    await using live = await engines.start()
    const similar = await live.recommender.similar({ productId: 'shovel', limit: 2 })
    expect(similar?.items.map((item) => item.product_id)).toEqual(['spade', 'hose'])
    expect(similar?.items[0]?.reasons).toMatchObject([{ source: 'text', evidence: ['shovel'] }])
    expect(await live.recommender.similar({ productId: 'nobody', limit: 2 })).toBeUndefined()
  })
})
