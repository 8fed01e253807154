import { expect, test } from 'vitest'
import { openEmbeddedCache } from '#engines/cache/embedded/embedded-cache.ts'
import { ManualClock } from '#engines/clock/manual-clock.ts'
import { EngineError } from '#engines/errors.ts'
import { SharedRead } from './shared-read.ts'

function counting() {
  const gate = Promise.withResolvers<void>()
  let runs = 0
  const compute = async () => {
    const run = ++runs
    await gate.promise
    return { run }
  }
  return { compute, open: gate.resolve }
}

test('all who ask at once get one reading', async () => {
  const clock = new ManualClock()
  const reads = new SharedRead(openEmbeddedCache({ maxEntries: 10, clock }))
  const { compute, open } = counting()
  const answers = Promise.all([1, 2, 3].map(() => reads.read('a', 1_000, compute)))
  open()
  expect(await answers).toEqual([{ run: 1 }, { run: 1 }, { run: 1 }])
})

test('it is kept for its time and read again after', async () => {
  const clock = new ManualClock()
  const reads = new SharedRead(openEmbeddedCache({ maxEntries: 10, clock }))
  const { compute, open } = counting()
  open()
  expect(await reads.read('a', 1_000, compute)).toEqual({ run: 1 })
  await clock.advance(999)
  expect(await reads.read('a', 1_000, compute)).toEqual({ run: 1 })
  expect(await reads.read('b', 1_000, compute)).toEqual({ run: 2 })
  await clock.advance(1)
  expect(await reads.read('a', 1_000, compute)).toEqual({ run: 3 })
})

test('a failure reaches all who wait and is not kept', async () => {
  const reads = new SharedRead(openEmbeddedCache({ maxEntries: 10, clock: new ManualClock() }))
  const failing = () => Promise.reject(new Error('no tables'))
  await expect(reads.read('a', 1_000, failing)).rejects.toThrow('no tables')
  expect(await reads.read('a', 1_000, async () => 7)).toBe(7)
})

test('a cache that is away costs a reading each time and nothing else', async () => {
  const away = new EngineError('ENGINE_UNAVAILABLE', 'gone')
  const cache = openEmbeddedCache({ maxEntries: 1, clock: new ManualClock() })
  cache.get = () => Promise.reject(away)
  cache.set = () => Promise.reject(away)
  const reads = new SharedRead(cache)
  const { compute, open } = counting()
  open()
  expect(await reads.read('a', 1_000, compute)).toEqual({ run: 1 })
  expect(await reads.read('a', 1_000, compute)).toEqual({ run: 2 })
})

test('a cache that is slow to keep an answer does not delay it', async () => {
  const cache = openEmbeddedCache({ maxEntries: 1, clock: new ManualClock() })
  cache.set = () => new Promise(() => {})
  expect(await new SharedRead(cache).read('a', 1_000, async () => 7)).toBe(7)
})

test('what another program has written there is not taken for an answer', async () => {
  const cache = openEmbeddedCache({ maxEntries: 1, clock: new ManualClock() })
  await cache.set('a', '{"run":', 1_000)
  expect(await new SharedRead(cache).read('a', 1_000, async () => 7)).toBe(7)
  expect(await cache.get('a')).toBe('7')
})
