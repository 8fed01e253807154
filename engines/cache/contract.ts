import { randomUUID } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import type { Cache } from './port.ts'

export interface CacheUnderTest {
  readonly cache: Cache
  /** Lets this much time pass for the cache. */
  readonly pass: (ms: number) => Promise<void>
}

/** What every cache must do. Keys are random: the cache may be shared with others. */
export function cacheContract(name: string, open: () => Promise<CacheUnderTest>): void {
  const withCache = (check: (opened: CacheUnderTest, key: string) => Promise<void>) => async () => {
    const opened = await open()
    await using _ = opened.cache
    await check(opened, `contract:${randomUUID()}`)
  }

  describe(`${name} keeps the cache contract`, () => {
    test(
      'an absent key has no value',
      withCache(async ({ cache }, key) => {
        expect(await cache.get(key)).toBeUndefined()
      }),
    )

    test(
      'a value is kept as it is, also empty or not ASCII',
      withCache(async ({ cache }, key) => {
        for (const value of ['', 'plain', 'crème brûlée 🍮', '\u0000\n', 'x'.repeat(100_000)]) {
          await cache.set(key, value, 10_000)
          expect(await cache.get(key)).toBe(value)
        }
      }),
    )

    test(
      'a value is gone when its time is over',
      withCache(async ({ cache, pass }, key) => {
        await cache.set(key, 'short', 100)
        await cache.set(`${key}:long`, 'long', 60_000)
        await pass(150)
        expect(await cache.get(key)).toBeUndefined()
        expect(await cache.get(`${key}:long`)).toBe('long')
      }),
    )

    test(
      'setting again replaces the value and its time to live',
      withCache(async ({ cache, pass }, key) => {
        await cache.set(key, 'first', 100)
        await cache.set(key, 'second', 60_000)
        await pass(150)
        expect(await cache.get(key)).toBe('second')
      }),
    )

    test(
      'a deleted key has no value, and deleting an absent one is no error',
      withCache(async ({ cache }, key) => {
        await cache.set(key, 'value', 10_000)
        await cache.delete(key)
        await cache.delete(key)
        expect(await cache.get(key)).toBeUndefined()
      }),
    )

    test(
      'a counter starts at zero and adds up, downwards too',
      withCache(async ({ cache }, key) => {
        expect(await cache.increment(key, 3, 10_000)).toBe(3)
        expect(await cache.increment(key, 4, 10_000)).toBe(7)
        expect(await cache.increment(key, -2, 10_000)).toBe(5)
        expect(await cache.get(key)).toBe('5')
      }),
    )

    test(
      'increments at the same time are all counted',
      withCache(async ({ cache }, key) => {
        const sums = await Promise.all(
          Array.from({ length: 100 }, () => cache.increment(key, 1, 10_000)),
        )
        expect(new Set(sums).size).toBe(100)
        expect(Math.max(...sums)).toBe(100)
      }),
    )

    test(
      'a counter lives as long as its first call said, whatever later ones say',
      withCache(async ({ cache, pass }, key) => {
        await cache.increment(key, 1, 200)
        await pass(120)
        expect(await cache.increment(key, 1, 60_000)).toBe(2)
        await pass(120)
        expect(await cache.increment(key, 1, 60_000)).toBe(1)
      }),
    )

    test(
      'a value that is no number cannot be incremented',
      withCache(async ({ cache }, key) => {
        await cache.set(key, 'seven', 10_000)
        await expect(cache.increment(key, 1, 10_000)).rejects.toMatchObject({
          code: 'ENGINE_REFUSED',
          retriable: false,
        })
      }),
    )

    test(
      'it answers a ping',
      withCache(async ({ cache }) => {
        await expect(cache.ping()).resolves.toBeUndefined()
      }),
    )
  })
}
