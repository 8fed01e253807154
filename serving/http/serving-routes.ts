import type { Logger } from 'pino'
import type { Registry } from 'prom-client'
import type { Cache } from '#engines/cache/port.ts'
import type { Clock } from '#engines/clock/port.ts'
import type { Log } from '#engines/log/port.ts'
import type { Tables } from '#engines/tables/port.ts'
import { type Endpoint, endpoints, type HttpRequest } from '#http/route.ts'
import type { RecommendationService } from '#schemas/http/recommendations.ts'
import { takeLedger } from '../ledger/take-ledger.ts'
import { liveFeed } from '../live/live-feed.ts'
import { LiveHub, type LiveLimits } from '../live/live-hub.ts'
import { SharedRead } from '../shared-read.ts'
import { LEDGER_ROUTES } from './ledger-routes.ts'
import { LIVE_ROUTES } from './live-routes.ts'
import { PAGE_ROUTES } from './page-routes.ts'
import { RECOMMENDATION_ROUTES } from './recommendation-routes.ts'
import { registerServingMetrics } from './serving-metrics.ts'
import { SQL_ROUTES } from './sql-routes.ts'
import { TREND_ROUTES } from './trend-routes.ts'

export interface ServingDeps {
  readonly log: Log
  readonly tables: Tables
  readonly cache: Cache
  readonly recommendations: RecommendationService
  readonly clock: Clock
  readonly logger: Logger
  readonly metrics: Registry
  /** The consumer group whose commits say that a record was processed. */
  readonly archiveGroup: string
  readonly liveLimits?: LiveLimits
  /** The client that a request counts for, where clients are limited. */
  readonly clientAddress: (request: HttpRequest) => string
}

export interface Serving {
  readonly endpoints: readonly Endpoint[]
  /** Ends the live streams, without which a server never closes; call it before `server.close()`. */
  readonly close: () => Promise<void>
}

const LEDGER_TTL_MS = 1_000

export const SERVING_ROUTES = [
  ...RECOMMENDATION_ROUTES,
  ...TREND_ROUTES,
  ...LIVE_ROUTES,
  ...LEDGER_ROUTES,
  ...SQL_ROUTES,
  ...PAGE_ROUTES,
]

/** What Freshet answers about people, products and trends. */
export function serve(deps: ServingDeps): Serving {
  const { log, tables, clock, logger, metrics } = deps
  const reads = new SharedRead(deps.cache)
  const ledger = () => reads.read('ledger', LEDGER_TTL_MS, () => takeLedger(deps, clock.now()))
  const hub = new LiveHub({
    clock,
    feed: liveFeed({ log, tables, clock, logger, ledger }),
    ...(deps.liveLimits !== undefined && { limits: deps.liveLimits }),
  })
  registerServingMetrics({ metrics, ledger, listeners: () => hub.listeners })
  const { recommendations, clientAddress } = deps
  const given = { recommendations, tables, clock, reads, ledger, hub, clientAddress }
  return {
    endpoints: endpoints(SERVING_ROUTES, given),
    close: () => hub[Symbol.asyncDispose](),
  }
}
