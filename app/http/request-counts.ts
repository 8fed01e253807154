import type { IncrementResponse, Store } from 'express-rate-limit'
import type { Logger } from 'pino'
import type { Cache } from '#engines/cache/port.ts'
import type { Clock } from '#engines/clock/port.ts'
import { EngineError } from '#engines/errors.ts'

interface RequestCountsOptions {
  readonly cache: Cache
  /** Counts while the cache does not answer. */
  readonly memory: Cache
  readonly windowMs: number
  readonly clock: Clock
  readonly logger: Logger
}

/** Requests per client and window of the clock, the same window for all processes, counted in the cache. */
export class RequestCounts implements Store {
  readonly localKeys = false
  readonly #options: RequestCountsOptions
  #isAlone = false

  constructor(options: RequestCountsOptions) {
    this.#options = options
  }

  async increment(client: string): Promise<IncrementResponse> {
    const { windowMs, clock } = this.#options
    const totalHits = await this.#add(client, 1)
    const resetTime = new Date((Math.floor(clock.now() / windowMs) + 1) * windowMs)
    return { totalHits, resetTime }
  }

  async decrement(client: string): Promise<void> {
    await this.#add(client, -1)
  }

  async resetKey(client: string): Promise<void> {
    const key = this.#keyOf(client)
    await Promise.all([this.#options.cache.delete(key), this.#options.memory.delete(key)])
  }

  async #add(client: string, by: number): Promise<number> {
    const { cache, memory, windowMs, logger } = this.#options
    const key = this.#keyOf(client)
    try {
      const sum = await cache.increment(key, by, windowMs)
      if (this.#isAlone) logger.info('rate limits are counted in the cache again')
      this.#isAlone = false
      return sum
    } catch (error) {
      if (!(error instanceof EngineError)) throw error
      if (!this.#isAlone) {
        const reason = error.message
        logger.warn({ reason }, 'the cache does not answer; this process counts rate limits alone')
      }
      this.#isAlone = true
      return memory.increment(key, by, windowMs)
    }
  }

  #keyOf(client: string): string {
    const { windowMs, clock } = this.#options
    return `rate/${Math.floor(clock.now() / windowMs)}/${client}`
  }
}
