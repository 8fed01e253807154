import { setTimeout } from 'node:timers/promises'
import type { Logger } from 'pino'
import { closed } from '#engines/errors.ts'
import type { Cache } from '../port.ts'
import { REDIS_TIMEOUT_MS, type RedisClient, redisClient } from './redis-client.ts'
import { redisError } from './redis-error.ts'
import { parseRedisUrl, type RedisAddress } from './redis-url.ts'

/** Atomic: a counter always has an expiry, and it is set once. */
const INCREMENT = `
redis.call('set', KEYS[1], 0, 'PX', ARGV[2], 'NX')
return redis.call('incrby', KEYS[1], ARGV[1])`

export interface RedisCacheOptions {
  /** `redis://…`, `rediss://…` or `redis-cluster://…`; see `parseRedisUrl`. */
  readonly url: string
  readonly logger: Logger
  readonly timeoutMs?: number
}

/**
 * Opens Redis or Valkey, one server or a cluster. While it is down calls fail at once; it is reconnected in the
 * background.
 * @throws EngineError ENGINE_REFUSED when the URL cannot be used
 */
export async function openRedisCache({
  url,
  logger,
  timeoutMs = REDIS_TIMEOUT_MS,
}: RedisCacheOptions): Promise<Cache> {
  const address = parseRedisUrl(url)
  const client = redisClient(address, timeoutMs)
  const cache = new RedisCache(client, address, logger)
  const giveUp = new AbortController()
  const waited = setTimeout(timeoutMs, undefined, giveUp).catch(() => undefined)
  await Promise.race([client.connect().catch(() => undefined), waited])
  giveUp.abort()
  return cache
}

class RedisCache implements Cache {
  readonly #client: RedisClient
  readonly #shown: string
  readonly #logger: Logger
  /** Why there is no connection; undefined while there is one. */
  #lastError: Error | undefined = new Error('no connection has been made yet')
  #isMissed = false
  #isClosed = false

  constructor(client: RedisClient, { shown }: RedisAddress, logger: Logger) {
    this.#client = client
    this.#shown = shown
    this.#logger = logger
    client.on('error', (error: Error) => this.#lost(reasonOf(error)))
    client.on('close', () => this.#lost(this.#lastError ?? new Error('the connection was closed')))
    client.on('ready', () => this.#found())
  }

  async get(key: string): Promise<string | undefined> {
    const value = await this.#run(() => this.#client.get(key))
    return value ?? undefined
  }

  async set(key: string, value: string, ttlMs: number): Promise<void> {
    await this.#run(() => this.#client.set(key, value, 'PX', wholeMs(ttlMs)))
  }

  async increment(key: string, by: number, ttlMs: number): Promise<number> {
    return Number(await this.#run(() => this.#client.eval(INCREMENT, 1, key, by, wholeMs(ttlMs))))
  }

  async delete(key: string): Promise<void> {
    await this.#run(() => this.#client.unlink(key))
  }

  async ping(): Promise<void> {
    await this.#run(() => this.#client.ping())
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isClosed = true
    this.#client.disconnect()
  }

  async #run<T>(command: () => Promise<T>): Promise<T> {
    if (this.#isClosed) {
      const message = 'the cache has been closed, because the process is shutting down'
      throw closed(message)
    }
    try {
      return await command()
    } catch (error) {
      throw redisError(error, this.#shown, this.#lastError)
    }
  }

  #lost(reason: Error): void {
    this.#lastError = reason
    if (this.#isMissed || this.#isClosed) return
    this.#isMissed = true
    this.#logger.warn(
      { cache: this.#shown, reason: reason.message },
      'the cache does not answer; going on without it',
    )
  }

  #found(): void {
    this.#lastError = undefined
    if (!this.#isMissed) return
    this.#isMissed = false
    this.#logger.info({ cache: this.#shown }, 'the cache answers again')
  }
}

/** The cluster client's error says that all nodes failed; the reason is that of the last node. */
function reasonOf(error: Error): Error {
  return 'lastNodeError' in error && error.lastNodeError instanceof Error
    ? error.lastNodeError
    : error
}

/** Redis takes whole milliseconds, at least one. */
function wholeMs(ms: number): number {
  return Math.max(1, Math.round(ms))
}
