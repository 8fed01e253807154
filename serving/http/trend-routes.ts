import { type Response, Router } from 'express'
import type { Clock } from '#engines/clock/port.ts'
import type { Tables } from '#engines/tables/port.ts'
import type { TrendingProducts } from '#schemas/http/recommendations.ts'
import {
  type ActivityTrend,
  type OrderTrend,
  RevenueQuery,
  type RevenueTrend,
  TrendingQuery,
  TrendQuery,
  WINDOWS,
} from '#schemas/http/trends.ts'
import type { TopicName } from '#schemas/topics.ts'
import type { SharedRead } from '../shared-read.ts'
import { activityPoints } from '../trends/activity-trend.ts'
import { type BucketRange, bucketRange } from '../trends/bucket-range.ts'
import { orderPoints } from '../trends/order-trend.ts'
import { type RevenueFilter, revenuePoints } from '../trends/revenue-trend.ts'
import { trendingProducts } from '../trends/trending-products.ts'
import { watermarkOf } from '../trends/watermark.ts'
import { methodNotAllowed } from './method-not-allowed.ts'
import { parseQuery } from './request.ts'

/** The same question within this time gets the same answer, so that a crowd costs one query. */
const TREND_TTL_MS = 500
/** What trends over a long window costs more and changes less: a second for every hour of it, up to this. */
const TRENDING_TTL_MS_MAX = 10_000
const CACHE_CONTROL = 'public, max-age=5'

interface TrendDeps {
  readonly tables: Tables
  readonly clock: Clock
  readonly reads: SharedRead
}

interface TrendScope {
  readonly range: BucketRange
  readonly topics: readonly TopicName[]
  readonly filter?: RevenueFilter
}

/** Orders, revenue and activity over time, and the products that trend. */
export function trendRoutes({ tables, clock, reads }: TrendDeps): Router {
  const router = Router()

  router
    .route('/v1/trends/orders')
    .get(async (request, response) => {
      const range = bucketRange(parseQuery(TrendQuery, request.query), clock.now())
      const topics = ['commerce.orders'] as const
      send<OrderTrend>(
        response,
        await trend('orders', { range, topics }, () => orderPoints(tables, range)),
      )
    })
    .all(methodNotAllowed('GET', 'HEAD'))

  router
    .route('/v1/trends/revenue')
    .get(async (request, response) => {
      const { currency, category, ...query } = parseQuery(RevenueQuery, request.query)
      const range = bucketRange(query, clock.now())
      const filter = { currency, category }
      const topics = ['commerce.orders'] as const
      send<RevenueTrend>(
        response,
        await trend('revenue', { range, topics, filter }, () =>
          revenuePoints(tables, range, filter),
        ),
      )
    })
    .all(methodNotAllowed('GET', 'HEAD'))

  router
    .route('/v1/trends/activity')
    .get(async (request, response) => {
      const range = bucketRange(parseQuery(TrendQuery, request.query), clock.now())
      const topics = ['commerce.activity', 'commerce.orders'] as const
      send<ActivityTrend>(
        response,
        await trend('activity', { range, topics }, () => activityPoints(tables, range)),
      )
    })
    .all(methodNotAllowed('GET', 'HEAD'))

  router
    .route('/v1/products/trending')
    .get(async (request, response) => {
      const query = parseQuery(TrendingQuery, request.query)
      const ttlMs = Math.min(TRENDING_TTL_MS_MAX, WINDOWS[query.window] / 3600)
      const answer = await reads.read(`trending:${JSON.stringify(query)}`, ttlMs, () =>
        trendingProducts(tables, query, clock.now()),
      )
      send<TrendingProducts>(response, answer)
    })
    .all(methodNotAllowed('GET', 'HEAD'))

  /** The watermark is read before the points: they may hold more than it promises, never less. */
  function trend<M extends string, P>(metric: M, scope: TrendScope, points: () => Promise<P>) {
    const { range, topics, filter = {} } = scope
    const key = JSON.stringify([metric, range.interval, range.from, range.to, filter])
    return reads.read(`trends:${key}`, TREND_TTL_MS, async () => {
      const now = clock.now()
      const watermark = await watermarkOf(tables, topics)
      return {
        metric,
        interval: range.interval,
        from: new Date(range.from).toISOString(),
        to: new Date(range.to).toISOString(),
        as_of: new Date(now).toISOString(),
        watermark: watermark === undefined ? null : new Date(watermark).toISOString(),
        points: await points(),
      }
    })
  }

  return router
}

function send<T>(response: Response, answer: T): void {
  response.set('Cache-Control', CACHE_CONTROL).json(answer)
}
