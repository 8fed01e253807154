import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pino } from 'pino'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { systemClock } from '#engines/clock/system-clock.ts'
import { openEmbeddedLog } from '#engines/log/embedded/embedded-log.ts'
import type { Log } from '#engines/log/port.ts'
import { openEmbeddedRegistry } from '#engines/registry/embedded/embedded-registry.ts'
import { openEmbeddedTables } from '#engines/tables/embedded/embedded-tables.ts'
import { loadMigrations } from '#engines/tables/migrations.ts'
import type { Tables } from '#engines/tables/port.ts'
import { openEmbeddedVectors } from '#engines/vectors/embedded/embedded-vectors.ts'
import type { Vectors } from '#engines/vectors/port.ts'
import { EventCodec } from '#pipeline/event-codec.ts'
import { payloadJson } from '#pipeline/stored-event.ts'
import { type CommerceEvent, keyOf, topicOf } from '#schemas/events.ts'
import { CATALOGUE, RAW_EVENTS } from '#schemas/tables.ts'
import { TOPIC_NAMES, TOPICS } from '#schemas/topics.ts'
import { ITEM_INDEXES, ITEMS_TEXT, itemsCollection, TEXT_VECTOR } from '#schemas/vectors.ts'
import { order, product, view } from '../events.fixture.ts'
import type { TableGroup } from './positions.ts'
import { type LiveRecommenderOptions, startLiveRecommender } from './start-live-recommender.ts'

const logger = pino({ level: 'silent' })
const GROUP: TableGroup = { group: 'archive', topics: TOPIC_NAMES }
const LIMITS = { items: 1_000, people: 1_000, clicks: 10_000, sessions: 1_000, openSessions: 100 }

let folder = ''
let stack: AsyncDisposableStack
let log: Log
let tables: Tables
let vectors: Vectors
let codec: EventCodec

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'freshet-live-'))
  stack = new AsyncDisposableStack()
  log = stack.use(
    await openEmbeddedLog({ folder: join(folder, 'log'), clock: systemClock, logger }),
  )
  tables = stack.use(await openEmbeddedTables({ folder: join(folder, 'tables'), logger }))
  vectors = stack.use(await openEmbeddedVectors({ folder: join(folder, 'vectors'), logger }))
  const registry = stack.use(await openEmbeddedRegistry({ file: join(folder, 'schemas.json') }))
  codec = await EventCodec.open(registry)
  await tables.migrate(await loadMigrations(new URL('../../schemas/tables/', import.meta.url)))
  await log.createTopics(TOPIC_NAMES.map((name) => TOPICS[name]))
})
afterAll(async () => {
  await stack.disposeAsync()
  await rm(folder, { recursive: true })
})

async function append(events: readonly CommerceEvent[]) {
  return log.append(
    events.map((event) => ({
      topic: topicOf(event.type),
      key: keyOf(event),
      value: codec.encode(event),
    })),
  )
}

/** What the archive does, without committing. */
async function store(events: readonly CommerceEvent[], dup = 0) {
  const positions = await append(events)
  const rows = events.map((event, index) => ({
    event_id: event.event_id,
    type: event.type,
    event_time: event.event_time,
    received_at: event.received_at,
    source: event.source,
    user_id: event.user_id ?? '',
    anonymous_id: event.anonymous_id ?? '',
    session_id: event.session_id ?? '',
    product_id: '',
    order_id: '',
    payload: payloadJson(event),
    dup,
    late: 0,
    clamped: 0,
    _topic: positions[index]?.topic ?? '',
    _partition: positions[index]?.partition ?? 0,
    _offset: positions[index]?.offset ?? 0,
  }))
  await tables.insert(RAW_EVENTS, rows)
}

async function catalogue(productId: string, removed: number, ver: number) {
  const facts = {
    product_id: productId,
    title: `The ${productId}`,
    category: ['garden'],
    brand: '',
    description: '',
    price_minor: 100,
    currency: 'GBP',
    stock: null,
    image_url: '',
  }
  await tables.insert(CATALOGUE, [{ ...facts, updated_at: Date.now(), removed, ver }])
}

function begin(options: Partial<LiveRecommenderOptions> = {}) {
  const engines = { log, tables, vectors, codec, clock: systemClock }
  return startLiveRecommender({
    ...engines,
    logger,
    limits: LIMITS,
    random: Math.random,
    ...options,
  })
}

async function start(tableGroups: readonly TableGroup[] = []) {
  const live = begin({ tableGroups })
  await live.learned
  return live
}

async function until(condition: () => Promise<boolean>): Promise<void> {
  while (!(await condition())) await systemClock.sleep(10)
}

describe('the live recommender', () => {
  test('knows what the tables hold, then learns what is appended', async () => {
    for (const [ver, id] of ['spade', 'rake', 'hose', 'gone'].entries())
      await catalogue(id, id === 'gone' ? 1 : 0, ver)
    await store([
      product({ product_id: 'spade' }),
      ...['u1', 'u2', 'u3'].flatMap((user) => [view(user, 'spade'), view(user, 'rake')]),
      view('u4', 'gone'),
      order('u5', ['hose', 'rake']),
    ])
    await using live = await start()
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

    await append([order('new', ['rake'])])
    await until(async () => (await live.lag()) === 0)
    expect(await list('new')).toEqual(['spade', 'hose'])
  })

  test('repeated deliveries and undecodable records change nothing and stop nothing', async () => {
    await using live = await start()
    const lists = async () => {
      await until(async () => (await live.lag()) === 0)
      const { items } = await live.recommender.forSession({ productIds: ['spade'], limit: 5 })
      return items
    }
    const twice = view('u9', 'hose')
    await append([twice])
    const before = await lists()
    await log.append([
      { topic: 'commerce.activity', key: 'u9', value: Buffer.from('nonsense') },
      { topic: 'commerce.activity', key: 'u9', value: null },
    ])
    await append([twice, twice])
    expect(await lists()).toEqual(before)
    await append([view('u9', 'rake')])
    expect(await lists()).not.toEqual(before)
  })

  test('reads on from the commits of those who fill the tables, not from the newest row', async () => {
    const [missing, stored] = [view('u20', 'spade'), view('u20', 'rake')]
    await append([missing])
    // As after a crash in the middle of a batch: the later row is there, the earlier is not.
    await store([stored])
    const knows = async (tableGroups: readonly TableGroup[]) => {
      await using live = await start(tableGroups)
      await until(async () => (await live.lag()) === 0)
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
    await store([view('u30', 'hose')])
    await store([view('u31', 'hose')], 1)
    await using live = begin({ lookbackEvents: 1 })
    await live.learned
    expect(live.recommender.anyUser()).toBe('u30')
  })

  test('says that it is still learning until the tables are learned', async () => {
    await using live = begin()
    await expect(live.ping()).rejects.toMatchObject({ code: 'ENGINE_UNAVAILABLE', retriable: true })
    await live.learned
    await expect(live.ping()).resolves.toBeUndefined()
  })

  test('stops in the middle of learning when it is told to', async () => {
    const live = begin()
    await live[Symbol.asyncDispose]()
    await expect(live.learned).rejects.toThrow('aborted')
  })

  test('products nobody has met are found by their text', async () => {
    const collection = itemsCollection('test')
    await vectors.createCollection(collection, {
      vectors: { [TEXT_VECTOR]: { size: 2, distance: 'Cosine' } },
      indexes: ITEM_INDEXES,
    })
    await vectors.upsert(
      collection,
      Object.entries({ spade: [1, 0], shovel: [0.9, 0.1], hose: [0, 1] }).map(([id, vector]) => ({
        id,
        version: 1,
        vectors: { [TEXT_VECTOR]: Float32Array.from(vector) },
        payload: { category: [], brand: '', price_minor: 0, content_hash: '' },
      })),
    )
    await vectors.setAlias(ITEMS_TEXT, collection)
    await catalogue('shovel', 0, 100)
    await using live = await start()
    const similar = await live.recommender.similar({ productId: 'shovel', limit: 2 })
    expect(similar?.items.map((item) => item.product_id)).toEqual(['spade', 'hose'])
    expect(similar?.items[0]?.reasons).toMatchObject([{ source: 'text', evidence: ['shovel'] }])
    expect(await live.recommender.similar({ productId: 'nobody', limit: 2 })).toBeUndefined()
  })
})
