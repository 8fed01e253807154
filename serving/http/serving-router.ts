import { type Request, Router } from 'express'
import type { Logger } from 'pino'
import type { Registry } from 'prom-client'
import type { Cache } from '#engines/cache/port.ts'
import type { Clock } from '#engines/clock/port.ts'
import type { Log } from '#engines/log/port.ts'
import type { Tables } from '#engines/tables/port.ts'
import type { RecommendationService } from '#schemas/http/recommendations.ts'
import { takeLedger } from '../ledger/take-ledger.ts'
import { liveFeed } from '../live/live-feed.ts'
import { LiveHub, type LiveLimits } from '../live/live-hub.ts'
import { SharedRead } from '../shared-read.ts'
import { ledgerRoutes } from './ledger-routes.ts'
import { liveRoutes } from './live-routes.ts'
import { openApiRoutes } from './open-api-routes.ts'
import { pageRoutes } from './page-routes.ts'
import { recommendationRoutes } from './recommendation-routes.ts'
import { registerServingMetrics } from './serving-metrics.ts'
import { sqlRoutes } from './sql-routes.ts'
import { trendRoutes } from './trend-routes.ts'

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
  /** Who a request counts for where clients are limited. */
  readonly clientAddress: (request: Request) => string
}

export interface Serving {
  /** Mount it at the root; it throws ProblemError and EngineError, and leaves 404 to whoever comes after. */
  readonly router: Router
  /** Ends the live streams, without which a server never closes; call it before `server.close()`. */
  readonly close: () => Promise<void>
}

const LEDGER_TTL_MS = 1_000

/** What Freshet answers about people, products and trends. */
export function servingRouter(deps: ServingDeps): Serving {
  const { log, tables, clock, logger, metrics } = deps
  const reads = new SharedRead(deps.cache)
  const ledger = () => reads.read('ledger', LEDGER_TTL_MS, () => takeLedger(deps, clock.now()))
  const hub = new LiveHub({
    clock,
    feed: liveFeed({ log, tables, clock, logger, ledger }),
    ...(deps.liveLimits !== undefined && { limits: deps.liveLimits }),
  })
  registerServingMetrics({ metrics, ledger, listeners: () => hub.listeners })

  const router = Router()
  router.use(
    recommendationRoutes(deps.recommendations),
    trendRoutes({ tables, clock, reads }),
    ledgerRoutes(ledger),
    sqlRoutes(tables),
    liveRoutes(hub, deps.clientAddress),
    openApiRoutes(),
    pageRoutes(),
  )
  return { router, close: () => hub[Symbol.asyncDispose]() }
}
