import { expect, test } from 'vitest'
import { ManualClock } from '#engines/clock/manual-clock.ts'
import { cacheContract } from '../contract.ts'
import { openEmbeddedCache } from './embedded-cache.ts'

cacheContract('the embedded cache', async () => {
  const clock = new ManualClock()
  return {
    cache: openEmbeddedCache({ maxEntries: 100, clock }),
    pass: (ms) => clock.advance(ms),
  }
})

test('the entry that was used least recently goes when there are too many', async () => {
  await using cache = openEmbeddedCache({ maxEntries: 2, clock: new ManualClock() })
  await cache.set('a', '1', 1_000)
  await cache.set('b', '2', 1_000)
  await cache.get('a')
  await cache.set('c', '3', 1_000)
  expect(await Promise.all(['a', 'b', 'c'].map((key) => cache.get(key)))).toEqual([
    '1',
    undefined,
    '3',
  ])
})

test('an entry is gone at the very millisecond its time is over', async () => {
  const clock = new ManualClock()
  await using cache = openEmbeddedCache({ maxEntries: 2, clock })
  await cache.set('a', '1', 100)
  await clock.advance(99)
  expect(await cache.get('a')).toBe('1')
  await clock.advance(1)
  expect(await cache.get('a')).toBeUndefined()
})
