import { Writable } from 'node:stream'
import { pino } from 'pino'
import { expect, test } from 'vitest'
import { openEmbeddedCache } from '#engines/cache/embedded/embedded-cache.ts'
import { ManualClock } from '#engines/clock/manual-clock.ts'
import { EngineError } from '#engines/errors.ts'
import { CacheSnapshots, SNAPSHOT_TTL_MS } from './cache-snapshots.ts'
import { snapshotStoreContract } from './contract-snapshots.ts'
import { TestDriver, testEvent } from './test-driver.fixture.ts'

const KEY = { group: 'g', version: '1', topic: 'commerce.orders', partition: 3 }
const NAME = 'snapshot/g/commerce.orders/3'
const away = new EngineError('ENGINE_UNAVAILABLE', 'gone')

/** A store on a cache of its own, and what it logged. */
function opened(bytesMax?: number) {
  const warnings: string[] = []
  const write = (line: Buffer, _: unknown, done: () => void) => {
    warnings.push((JSON.parse(line.toString()) as { msg: string }).msg)
    done()
  }
  const clock = new ManualClock()
  const cache = openEmbeddedCache({ maxEntries: 10, clock })
  const logger = pino({ level: 'warn' }, new Writable({ write }))
  const options = bytesMax === undefined ? {} : { bytesMax }
  return { clock, cache, warnings, snapshots: new CacheSnapshots({ cache, logger, ...options }) }
}

/** A state that knows this many ids. */
function snapshotOf(events: number) {
  const driver = new TestDriver([])
  for (let i = 0; i < events; i++)
    driver.send(testEvent('OrderPaid', { event_id: `e${i}`, event_time: i, order_id: 'o' }))
  return driver.state.snapshot()
}

snapshotStoreContract('snapshots in the cache', async () => {
  const { cache, snapshots, warnings } = opened()
  return {
    snapshots,
    replace: async ({ group, topic, partition }, change) => {
      const name = `snapshot/${group}/${topic}/${partition}`
      const kept = Buffer.from((await cache.get(name)) ?? '', 'base64')
      await cache.set(name, change(kept).toString('base64'), 1_000)
    },
    reported: () => warnings.length,
    [Symbol.asyncDispose]: () => cache[Symbol.asyncDispose](),
  }
})

test('a partition that nobody processes for a day loses its snapshot', async () => {
  const { clock, snapshots } = opened()
  await snapshots.save(KEY, snapshotOf(1))
  await clock.advance(SNAPSHOT_TTL_MS - 1)
  expect(await snapshots.load(KEY)).toEqual(snapshotOf(1))
  await clock.advance(1)
  expect(await snapshots.load(KEY)).toBeUndefined()
})

test('a cache that is away is no error: nothing is saved, nothing is found, and the log says so', async () => {
  const { cache, snapshots, warnings } = opened()
  await snapshots.save(KEY, snapshotOf(1))
  const whole = { ...cache, get: cache.get.bind(cache), set: cache.set.bind(cache) }
  cache.get = () => Promise.reject(away)
  cache.set = () => Promise.reject(away)
  await snapshots.save(KEY, snapshotOf(2))
  await snapshots.save(KEY, snapshotOf(3))
  expect(warnings).toEqual(['the cache keeps no snapshots now'])
  expect(await snapshots.load(KEY)).toBeUndefined()
  expect(warnings.at(-1)).toBe('snapshot cannot be read; the state is built again from the log')
  Object.assign(cache, whole)
  expect(await snapshots.load(KEY)).toEqual(snapshotOf(1))
})

test('a snapshot above the limit is not kept, the one before it stays, and a warning says so once', async () => {
  const { cache, snapshots, warnings } = opened(2_000)
  await snapshots.save(KEY, snapshotOf(10))
  const kept = await cache.get(NAME)
  await snapshots.save(KEY, snapshotOf(10_000))
  await snapshots.save(KEY, snapshotOf(20_000))
  expect(await cache.get(NAME)).toBe(kept)
  expect(kept?.length).toBeGreaterThan(0)
  expect(warnings).toEqual(['snapshot is too large for the cache: a take-over will take longer'])
})
