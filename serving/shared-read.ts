import type { Cache } from '#engines/cache/port.ts'

/**
 * Reads an answer at most once per `ttlMs` for all callers, and once at a time in this process. A cache that fails costs
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
    const value = kept === undefined ? undefined : parsed(kept)
    if (value !== undefined) return value as T
    const computed = await compute()
    // The answer does not wait for a slow cache.
    this.#cache.set(key, JSON.stringify(computed), ttlMs).catch(() => undefined)
    return computed
  }
}

/** Undefined when something else has written there. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown
  } catch {
    return undefined
  }
}
