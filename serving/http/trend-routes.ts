import type { Clock } from '#engines/clock/port.ts'
import type { Tables } from '#engines/tables/port.ts'
import { json } from '#http/answers.ts'
import { type Route, route } from '#http/route.ts'
import { TrendingProducts } from '#schemas/http/recommendations.ts'
import {
  ActivityTrend,
  OrderTrend,
  RevenueQuery,
  RevenueTrend,
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

/** The same question within this time gets the same answer, so that a crowd costs one query. */
const TREND_TTL_MS = 500
/** Products that trend over a long window cost more and change less: a second for every hour of it, up to this. */
const TRENDING_TTL_MS_MAX = 10_000
const CACHE_CONTROL = 'public, max-age=5'
const EMPTY_BUCKETS = 'Empty buckets are included, with zeros.'

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

const HEADER = {
  interval: '1m' as const,
  from: '2026-11-22T09:30:00.000Z',
  to: '2026-11-22T09:31:00.000Z',
  as_of: '2026-11-22T09:31:12.345Z',
  watermark: '2026-11-22T09:30:41.000Z',
}
const time = HEADER.from

const orderTrend: Route<TrendDeps> = route({
  method: 'get',
  path: '/v1/trends/orders',
  operationId: 'orderTrend',
  tag: 'trends',
  summary: 'Orders and units over time.',
  description: `Counts orders placed; cancellations are not subtracted. ${EMPTY_BUCKETS}`,
  query: TrendQuery,
  answer: json(OrderTrend, {
    description: 'A point for each bucket, the oldest first.',
    example: { metric: 'orders', ...HEADER, points: [{ time, orders: 3, units: 14 }] },
  }),
  cacheControl: CACHE_CONTROL,
  problems: ['engine-unavailable'],
  handle({ query }, deps: TrendDeps) {
    const range = bucketRange(query, deps.clock.now())
    const topics = ['commerce.orders'] as const
    return trend(deps, 'orders', { range, topics }, () => orderPoints(deps.tables, range))
  },
})

const revenueTrend: Route<TrendDeps> = route({
  method: 'get',
  path: '/v1/trends/revenue',
  operationId: 'revenueTrend',
  tag: 'trends',
  summary: 'Revenue by currency over time.',
  description: `Value of the orders placed; cancellations and refunds are not subtracted. ${EMPTY_BUCKETS}`,
  query: RevenueQuery,
  answer: json(RevenueTrend, {
    description: 'A point for each bucket and currency, the oldest first.',
    example: {
      metric: 'revenue',
      ...HEADER,
      points: [{ time, currency: 'GBP', revenue_minor: 12_345 }],
    },
  }),
  cacheControl: CACHE_CONTROL,
  problems: ['engine-unavailable'],
  handle({ query: { currency, category, ...query } }, deps: TrendDeps) {
    const range = bucketRange(query, deps.clock.now())
    const filter = { currency, category }
    const topics = ['commerce.orders'] as const
    return trend(deps, 'revenue', { range, topics, filter }, () =>
      revenuePoints(deps.tables, range, filter),
    )
  },
})

const activityTrend: Route<TrendDeps> = route({
  method: 'get',
  path: '/v1/trends/activity',
  operationId: 'activityTrend',
  tag: 'trends',
  summary: 'Views, carts, purchases and people over time.',
  description: `People are counted exactly, at every width. ${EMPTY_BUCKETS}`,
  query: TrendQuery,
  answer: json(ActivityTrend, {
    description: 'A point for each bucket, the oldest first.',
    example: {
      metric: 'activity',
      ...HEADER,
      points: [{ time, views: 120, carts: 9, purchases: 4, active_users: 37 }],
    },
  }),
  cacheControl: CACHE_CONTROL,
  problems: ['engine-unavailable'],
  handle({ query }, deps: TrendDeps) {
    const range = bucketRange(query, deps.clock.now())
    const topics = ['commerce.activity', 'commerce.orders'] as const
    return trend(deps, 'activity', { range, topics }, () => activityPoints(deps.tables, range))
  },
})

const trending: Route<TrendDeps> = route({
  method: 'get',
  path: '/v1/products/trending',
  operationId: 'trendingProducts',
  tag: 'trends',
  summary: 'The products whose share of the shop grew most.',
  description:
    'Compared with the time before the window: a product that always sells well does not trend by selling well.',
  query: TrendingQuery,
  answer: json(TrendingProducts, {
    description: 'The list, the strongest growth first.',
    example: {
      window: '1h',
      as_of: HEADER.as_of,
      items: [
        {
          product_id: 'cake-stand',
          title: 'Cake stand',
          category: ['Kitchen'],
          score: 1.9,
          lift: 3.2,
          views: 41,
          carts: 6,
          purchases: 2,
          reasons: [],
        },
      ],
    },
  }),
  cacheControl: CACHE_CONTROL,
  problems: ['engine-unavailable'],
  handle({ query }, { tables, clock, reads }: TrendDeps) {
    const ttlMs = Math.min(TRENDING_TTL_MS_MAX, WINDOWS[query.window] / 3600)
    return reads.read(`trending:${JSON.stringify(query)}`, ttlMs, () =>
      trendingProducts(tables, query, clock.now()),
    )
  },
})

/** Orders, revenue and activity over time, and the products that trend. */
export const TREND_ROUTES: readonly Route<TrendDeps>[] = [
  trending,
  orderTrend,
  revenueTrend,
  activityTrend,
]

/** The watermark is read before the points: they may hold more than it promises, never less. */
function trend<M extends string, P>(
  { tables, clock, reads }: TrendDeps,
  metric: M,
  { range, topics, filter = {} }: TrendScope,
  points: () => Promise<P>,
) {
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
