import type { Tables } from '#engines/tables/port.ts'
import type { LiveMovers } from '#schemas/http/live.ts'
import { trendingProducts } from '../trends/trending-products.ts'

const MOVERS = 7
const STEPS = 12
const STEP_MS = 5 * 60_000
const MINUTE_MS = 60_000

/** Trending products of the last hour, each with its number of views, carts and purchases in steps of five minutes. */
export async function readMovers(tables: Tables, now: number): Promise<LiveMovers> {
  const trending = await trendingProducts(tables, { window: '1h', limit: MOVERS }, now)
  const ids = trending.items.map((item) => item.product_id)
  const steps = await activitySteps(tables, ids, now)
  return {
    ...trending,
    items: trending.items.map((item) => ({
      ...item,
      activity: Array.from(
        { length: STEPS },
        (_, step) => steps.get(`${item.product_id} ${step}`) ?? 0,
      ),
    })),
  }
}

async function activitySteps(
  tables: Tables,
  ids: readonly string[],
  now: number,
): Promise<ReadonlyMap<string, number>> {
  if (ids.length === 0) return new Map()
  const end = Math.floor(now / MINUTE_MS) * MINUTE_MS + MINUTE_MS
  const rows = await tables.query<{ product_id: string; step: number; acts: string }>(
    `SELECT product_id,
      toUInt8(intDiv(toUnixTimestamp(minute) - {start:UInt32}, {step_seconds:UInt32})) AS step,
      sum(views + carts + purchases) AS acts
    FROM product_panes FINAL
    WHERE minute >= toDateTime({start:UInt32}, 'UTC') AND minute < toDateTime({end:UInt32}, 'UTC')
      AND has({ids:Array(String)}, product_id)
    GROUP BY product_id, step`,
    {
      parameters: {
        ids,
        start: (end - STEPS * STEP_MS) / 1000,
        end: end / 1000,
        step_seconds: STEP_MS / 1000,
      },
    },
  )
  return new Map(rows.map((row) => [`${row.product_id} ${row.step}`, Number(row.acts)]))
}
