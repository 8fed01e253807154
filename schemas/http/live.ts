import { z } from 'zod'
import { TrendingProducts } from './recommendations.ts'
import { Time } from './time.ts'

const Count = z.int().nonnegative()

/** `event: trends`, every second. */
export const LiveTrends = z.object({
  as_of: Time,
  watermark: Time.nullable(),
  minutes: z
    .array(
      z.object({
        time: Time,
        orders: Count,
        units: Count,
        revenue: z.array(z.object({ currency: z.string(), revenue_minor: z.int() })),
        views: Count,
        carts: Count,
        purchases: Count,
      }),
    )
    .describe('The newest minutes, the oldest first; the last one is still filling.'),
  events_per_second: z
    .number()
    .nonnegative()
    .nullable()
    .describe('Records appended to the log over the last seconds; null until two readings exist.'),
  active_users: Count.describe('Distinct people in the last five minutes.'),
  freshness: z
    .object({ p50_ms: Count, p95_ms: Count })
    .nullable()
    .describe('From the arrival of an event to its row in a table; null while nothing arrives.'),
})
export type LiveTrends = z.infer<typeof LiveTrends>

/** `event: movers`: the trending products, each with its activity over the window in equal steps, the oldest first. */
export const LiveMovers = TrendingProducts.extend({
  items: z.array(TrendingProducts.shape.items.element.extend({ activity: z.array(Count) })),
})
export type LiveMovers = z.infer<typeof LiveMovers>
