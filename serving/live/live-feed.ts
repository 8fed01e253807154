import type { Logger } from 'pino'
import type { Clock } from '#engines/clock/port.ts'
import type { Log } from '#engines/log/port.ts'
import type { Tables } from '#engines/tables/port.ts'
import type { Ledger } from '#schemas/http/ledger.ts'
import { TOPIC_NAMES } from '#schemas/topics.ts'
import { activePeople } from '../trends/activity-trend.ts'
import { measureFreshness } from '../trends/freshness.ts'
import { watermarkOf } from '../trends/watermark.ts'
import type { Publish } from './live-hub.ts'
import { readMovers } from './movers.ts'
import { readNewestMinutes } from './newest-minutes.ts'
import { RateMeter } from './rate-meter.ts'

const POLL_MS = 1_000
/** In polls: what changes slowly or is expensive is read less often. */
const LEDGER_EVERY = 2
const MOVERS_EVERY = 5
const RATE_SPAN_MS = 10_000
const ACTIVE_SPAN_MS = 5 * 60_000

interface FeedDeps {
  readonly log: Log
  readonly tables: Tables
  readonly clock: Clock
  readonly logger: Logger
  readonly ledger: () => Promise<Ledger>
}

/** Reads what the live page shows, once for all listeners, and publishes it until the signal aborts. */
export function liveFeed(deps: FeedDeps) {
  const { clock, logger, ledger, tables } = deps
  return async (publish: Publish, signal: AbortSignal): Promise<void> => {
    const rate = new RateMeter(RATE_SPAN_MS)
    let healthy = true
    for (let poll = 0; !signal.aborted; poll++) {
      try {
        publish('trends', await readTrends(deps, rate))
        if (poll % LEDGER_EVERY === 0) publish('ledger', await ledger())
        if (poll % MOVERS_EVERY === 0) publish('movers', await readMovers(tables, clock.now()))
        healthy = true
      } catch (error) {
        // Logged once per outage; the next poll tries again.
        if (healthy) logger.warn({ err: error }, 'reading the live trends failed; trying again')
        healthy = false
      }
      await clock.sleep(POLL_MS, signal)
    }
  }
}

async function readTrends({ log, tables, clock }: FeedDeps, rate: RateMeter) {
  const now = clock.now()
  const watermark = await watermarkOf(tables, ['commerce.orders', 'commerce.activity'])
  const ends = await log.bounds(TOPIC_NAMES)
  const appended = ends.reduce((sum, bounds) => sum + bounds.end, 0)
  return {
    as_of: new Date(now).toISOString(),
    watermark: watermark === undefined ? null : new Date(watermark).toISOString(),
    minutes: await readNewestMinutes(tables, now),
    events_per_second: rate.read(appended, now),
    active_users: await activePeople(tables, now - ACTIVE_SPAN_MS),
    freshness: (await measureFreshness(tables, now)) ?? null,
  }
}
