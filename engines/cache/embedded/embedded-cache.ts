import { LRUCache } from 'lru-cache'
import type { Clock } from '#engines/clock/port.ts'
import { refused } from '#engines/errors.ts'
import type { Cache } from '../port.ts'

export interface EmbeddedCacheOptions {
  /** Beyond this the least recently used entries are dropped. */
  readonly maxEntries: number
  readonly clock: Clock
}

interface Entry {
  readonly value: string
  /** UTC milliseconds. */
  readonly expiresAt: number
}

/** Opens a cache in the memory of this process. */
export function openEmbeddedCache(options: EmbeddedCacheOptions): Cache {
  return new EmbeddedCache(options)
}

class EmbeddedCache implements Cache {
  readonly #clock: Clock
  readonly #entries: LRUCache<string, Entry>

  constructor({ maxEntries, clock }: EmbeddedCacheOptions) {
    this.#clock = clock
    this.#entries = new LRUCache({ max: maxEntries })
  }

  async get(key: string): Promise<string | undefined> {
    return this.#live(key)?.value
  }

  async set(key: string, value: string, ttlMs: number): Promise<void> {
    this.#entries.set(key, { value, expiresAt: this.#clock.now() + ttlMs })
  }

  async increment(key: string, by: number, ttlMs: number): Promise<number> {
    const entry = this.#live(key)
    const sum = counted(key, entry?.value ?? '0') + by
    const expiresAt = entry?.expiresAt ?? this.#clock.now() + ttlMs
    this.#entries.set(key, { value: String(sum), expiresAt })
    return sum
  }

  async delete(key: string): Promise<void> {
    this.#entries.delete(key)
  }

  async ping(): Promise<void> {}

  async [Symbol.asyncDispose](): Promise<void> {
    this.#entries.clear()
  }

  #live(key: string): Entry | undefined {
    const entry = this.#entries.get(key)
    if (entry === undefined || this.#clock.now() < entry.expiresAt) return entry
    this.#entries.delete(key)
    return undefined
  }
}

function counted(key: string, value: string): number {
  const count = Number(value)
  if (value !== '' && Number.isFinite(count)) return count
  throw refused(`the cache entry ${key} is not a counter; use another key`)
}
