import type { Cache } from '#engines/cache/port.ts'

/**
 * Reads an answer at most once per `ttlMs` whoever asks, and once at a time in this process. A cache that fails costs
 * time only: the answer is computed.
 */
export class SharedRead {
  readonly #cache: Cache
  readonly #running = new Map<string, Promise<unknown>>()

  constructor(cache: Cache) {
    this.#cache = cache
  }

  /** `compute` answers with JSON. Its rejection reaches all who wait and is not kept. */
  async read<T>(key: string, ttlMs: number, compute: () => Promise<T>): Promise<T> {
    const running = this.#running.get(key) as Promise<T> | undefined
    if (running !== undefined) return running
    const reading = this.#read(key, ttlMs, compute).finally(() => this.#running.delete(key))
    this.#running.set(key, reading)
    return reading
  }

  async #read<T>(key: string, ttlMs: number, compute: () => Promise<T>): Promise<T> {
    const kept = await this.#cache.get(key).catch(() => undefined)
    if (kept !== undefined) return JSON.parse(kept) as T
    const value = await compute()
    await this.#cache.set(key, JSON.stringify(value), ttlMs).catch(() => undefined)
    return value
  }
}
