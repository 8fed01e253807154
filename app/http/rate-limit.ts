import type { RequestHandler } from 'express'
import { rateLimit as expressRateLimit } from 'express-rate-limit'
import type { Logger } from 'pino'
import { openEmbeddedCache } from '#engines/cache/embedded/embedded-cache.ts'
import type { Cache } from '#engines/cache/port.ts'
import type { Clock } from '#engines/clock/port.ts'
import { systemClock } from '#engines/clock/system-clock.ts'
import { ProblemError } from '#schemas/http/problem.ts'
import { clientAddress } from './client-address.ts'
import { RequestCounts } from './request-counts.ts'

const WINDOW_MS = 60_000
/** Clients that are told apart while the cache does not answer; the least recent are forgotten beyond. */
const CLIENTS_IN_MEMORY = 100_000

interface RateLimitOptions {
  /** Requests that one client address may make in a minute of the clock; 0 for no limit. */
  readonly perMinute: number
  /** Where the processes count together. */
  readonly cache: Cache
  readonly logger: Logger
  readonly clock?: Clock
}

/**
 * Limits how many requests one client makes; routes declared with `isLimited: false` are not counted. An IPv6 client is its /56 network.
 * When the cache does not answer, each process counts by itself.
 */
export function rateLimit({
  perMinute,
  cache,
  logger,
  clock = systemClock,
}: RateLimitOptions): RequestHandler {
  if (perMinute === 0) return (_request, _response, next) => next()
  const memory = openEmbeddedCache({ maxEntries: CLIENTS_IN_MEMORY, clock })
  return expressRateLimit({
    windowMs: WINDOW_MS,
    limit: perMinute,
    identifier: 'per-minute',
    standardHeaders: 'draft-8',
    legacyHeaders: false,
    store: new RequestCounts({ cache, memory, windowMs: WINDOW_MS, clock, logger }),
    keyGenerator: clientAddress,
    handler: (_request, _response, next) => {
      const retryAfterSeconds = Math.ceil((WINDOW_MS - (clock.now() % WINDOW_MS)) / 1_000)
      const detail = `This address has made its ${perMinute} requests of this minute (RATE_LIMIT_PER_MINUTE=${perMinute}; 0 by default: no limit). Try again in ${retryAfterSeconds} s.`
      next(new ProblemError('too-many-requests', detail, { retryAfterSeconds }))
    },
    // These checks write to the console, about settings that are fixed here.
    validate: false,
  })
}
