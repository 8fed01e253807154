/**
 * Chapter 5: an engine.
 *
 * Freshet runs on seven ports: the log, the tables, the vectors, the cache, the registry, the text model and the clock.
 * What stands behind a port is an engine, and the code that puts it there an adapter. Every adapter of a port passes the
 * same contract suite: that is what makes them interchangeable. The scheme of a URL chooses those of the first five
 * (app/engines/adapters.ts), EMBEDDING_MODEL the text model; the clock is the system's, and in tests one set by hand.
 *
 * Read next: engines/cache/port.ts, engines/cache/contract.ts, engines/cache/redis/, app/engines/adapters.ts.
 */
import { cacheContract } from '#engines/cache/contract.ts'
import type { Cache } from '#engines/cache/port.ts'
import { ManualClock } from '#engines/clock/manual-clock.ts'
import type { Clock } from '#engines/clock/port.ts'
import { refused } from '#engines/errors.ts'

interface Entry {
  readonly value: string
  /** UTC milliseconds. */
  readonly until: number
}

/** The simplest cache that keeps its promises. A real one would also forget what is old, to bound its memory. */
class MapCache implements Cache {
  readonly #clock: Clock
  readonly #values = new Map<string, Entry>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  async get(key: string): Promise<string | undefined> {
    return this.#alive(key)?.value
  }

  async set(key: string, value: string, ttlMs: number): Promise<void> {
    this.#values.set(key, { value, until: this.#clock.now() + ttlMs })
  }

  /** Nothing is awaited between reading and writing: increments at the same time are all counted. */
  async increment(key: string, by: number, ttlMs: number): Promise<number> {
    const { value = '0', until = this.#clock.now() + ttlMs } = this.#alive(key) ?? {}
    const sum = Number(value) + by
    // Every engine fails with an `EngineError`, which tells the caller whether to try again.
    if (Number.isNaN(sum)) throw refused(`the value of ${key} is no number`)
    this.#values.set(key, { value: String(sum), until })
    return sum
  }

  async delete(key: string): Promise<void> {
    this.#values.delete(key)
  }

  async ping(): Promise<void> {}

  #alive(key: string): Entry | undefined {
    const entry = this.#values.get(key)
    return entry !== undefined && entry.until > this.#clock.now() ? entry : undefined
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#values.clear()
  }
}

cacheContract('a map', async () => {
  const clock = new ManualClock()
  return { cache: new MapCache(clock), pass: async (ms) => clock.advance(ms) }
})
