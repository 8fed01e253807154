import { z } from 'zod'
import { Category, Limit } from './parameters.ts'
import { Instant, Time } from './time.ts'

const MINUTE_MS = 60_000

/** The widths of a bucket, in milliseconds. Buckets start at multiples of their width since 1970 in UTC. */
export const INTERVALS = {
  '1m': MINUTE_MS,
  '5m': 5 * MINUTE_MS,
  '15m': 15 * MINUTE_MS,
  '1h': 60 * MINUTE_MS,
  '1d': 24 * 60 * MINUTE_MS,
} as const
export type Interval = keyof typeof INTERVALS
const INTERVAL_NAMES = Object.keys(INTERVALS) as Interval[]

/** How far back "trending" looks, in milliseconds. */
export const WINDOWS = {
  '15m': 15 * MINUTE_MS,
  '1h': 60 * MINUTE_MS,
  '6h': 6 * 60 * MINUTE_MS,
  '24h': 24 * 60 * MINUTE_MS,
  '7d': 7 * 24 * 60 * MINUTE_MS,
} as const
export type Window = keyof typeof WINDOWS
const WINDOW_NAMES = Object.keys(WINDOWS) as Window[]

/** No answer has more points than this. */
export const POINTS_MAX = 10_000
/** Buckets of a range whose beginning was not named. */
export const BUCKETS_DEFAULT = 60

/** ISO 4217's code for "no currency": what a shop without any sale or price counts its zeros in. */
export const NO_CURRENCY = 'XXX'

export const TrendQuery = z.object({
  from: Instant.optional().describe(
    `Start of the range, moved back to the start of its bucket. Default: ${BUCKETS_DEFAULT} buckets before \`to\`. At most ${POINTS_MAX} buckets are answered.`,
  ),
  to: Instant.optional().describe(
    'End of the range, exclusive, moved on to the end of its bucket. Default: now.',
  ),
  interval: z
    .enum(INTERVAL_NAMES, { error: `interval must be one of ${INTERVAL_NAMES.join(', ')}` })
    .default('1m')
    .describe('Width of a bucket. Buckets are aligned in UTC.'),
})
export type TrendQuery = z.output<typeof TrendQuery>

export const RevenueQuery = TrendQuery.extend({
  currency: z
    .string()
    .regex(/^[A-Z]{3}$/, { error: 'currency must be three capital letters, as in ISO 4217' })
    .optional()
    .describe('Only this currency. Default: every currency seen in the range.'),
  category: Category.optional().describe(
    'Only products whose widest category, as the catalogue has it now, is this one.',
  ),
})
export type RevenueQuery = z.output<typeof RevenueQuery>

export const TrendingQuery = z.object({
  window: z
    .enum(WINDOW_NAMES, { error: `window must be one of ${WINDOW_NAMES.join(', ')}` })
    .default('1h')
    .describe('How far back to look.'),
  category: Category.optional().describe('Only products of this category, at any level.'),
  limit: Limit,
})
export type TrendingQuery = z.output<typeof TrendingQuery>

const Count = z.int().nonnegative()

/** What every trend says of itself. `from` and `to` are those of the buckets. */
const TrendHeader = {
  interval: z.enum(INTERVAL_NAMES),
  from: Time,
  to: Time.describe('Exclusive.'),
  as_of: Time.describe('When this was read.'),
  watermark: Time.nullable().describe(
    'Event time up to which the points are expected to be complete; null before the first event.',
  ),
}

export const OrderTrend = z
  .object({
    metric: z.literal('orders'),
    ...TrendHeader,
    points: z.array(z.object({ time: Time, orders: Count, units: Count })),
  })
  .meta({ id: 'OrderTrend' })
export type OrderTrend = z.infer<typeof OrderTrend>

export const RevenueTrend = z
  .object({
    metric: z.literal('revenue'),
    ...TrendHeader,
    points: z
      .array(
        z.object({
          time: Time,
          currency: z.string(),
          revenue_minor: z
            .int()
            .describe('Value of the orders placed; cancellations and refunds are not subtracted.'),
        }),
      )
      .describe(
        `For each bucket, one point per currency seen in the range; where none was, the currencies the shop has ever used, else ${NO_CURRENCY}.`,
      ),
  })
  .meta({ id: 'RevenueTrend' })
export type RevenueTrend = z.infer<typeof RevenueTrend>

export const ActivityTrend = z
  .object({
    metric: z.literal('activity'),
    ...TrendHeader,
    points: z.array(
      z.object({
        time: Time,
        views: Count,
        carts: Count,
        purchases: Count.describe('Order lines.'),
        active_users: Count.describe(
          'Distinct people with any event, by `user_id`, else by `anonymous_id`.',
        ),
      }),
    ),
  })
  .meta({ id: 'ActivityTrend' })
export type ActivityTrend = z.infer<typeof ActivityTrend>
