import type { Tables } from '#engines/tables/port.ts'
import type { TrendingProducts } from '#schemas/http/recommendations.ts'
import { type TrendingQuery, WINDOWS } from '#schemas/http/trends.ts'
import { BASELINE_WINDOWS, trendingSql } from '#schemas/trending.ts'
import { trendingReason } from './trending-reason.ts'

const MINUTE_MS = 60_000

interface TrendingRow {
  readonly product_id: string
  readonly title: string
  readonly category: string[]
  readonly views: string
  readonly carts: string
  readonly purchases: string
  readonly score: number
  readonly lift: number
  readonly has_baseline: number
}

/** The products whose share of the shop's activity grew most; the formula is at `trendingSql`. */
export async function trendingProducts(
  tables: Tables,
  query: TrendingQuery,
  now: number,
): Promise<TrendingProducts> {
  const rows = await tables.query<TrendingRow>(sqlOf(query), {
    parameters: {
      ...spans(query, now),
      limit: query.limit,
      ...(query.category !== undefined && { category: query.category }),
    },
  })
  return {
    window: query.window,
    as_of: new Date(now).toISOString(),
    items: rows.map((row) => {
      const { product_id, title, category, score } = row
      const lift = row.has_baseline === 1 ? row.lift : null
      const counts = {
        views: Number(row.views),
        carts: Number(row.carts),
        purchases: Number(row.purchases),
      }
      return {
        product_id,
        title,
        category,
        score,
        lift,
        ...counts,
        reasons: [trendingReason(counts, query.window, lift)],
      }
    }),
  }
}

/** Panes are minutes, so the window ends after the current minute. */
function spans(query: TrendingQuery, now: number) {
  const windowMs = WINDOWS[query.window]
  const end = Math.floor(now / MINUTE_MS) * MINUTE_MS + MINUTE_MS
  return {
    end: end / 1000,
    split: (end - windowMs) / 1000,
    start: (end - (1 + BASELINE_WINDOWS) * windowMs) / 1000,
  }
}

function sqlOf(query: TrendingQuery): string {
  return trendingSql({
    source: 'product_panes FINAL',
    start: "toDateTime({start:UInt32}, 'UTC')",
    split: "toDateTime({split:UInt32}, 'UTC')",
    end: "toDateTime({end:UInt32}, 'UTC')",
    columns: 'product_id, title, category, views, carts, purchases, has_baseline, lift, score',
    ...(query.category !== undefined && { category: '{category:String}' }),
    limit: '{limit:UInt32}',
  })
}
