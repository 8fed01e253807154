import type { Tables } from '#engines/tables/port.ts'
import type { TrendingProducts } from '#schemas/http/recommendations.ts'
import { type TrendingQuery, WINDOWS } from '#schemas/http/trends.ts'
import { trendingReason } from './trending-reason.ts'

/** How much each act says of interest: a purchase more than a cart, a cart more than a look. */
const WEIGHT = { view: 1, cart: 3, purchase: 5 } as const

/** The baseline is this many windows long and ends where the window begins. */
const BASELINE_WINDOWS = 7

/** Pseudo-activity spread evenly over the products, so that one never seen before has a share to compare with. */
const SMOOTHING = 50

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

/**
 * The products whose share of the shop's activity grew most. With activity a = views + 3 carts + 5 purchases, A its sum
 * over all products in the window, b and B the same in the baseline, n products and smoothing s:
 *
 *   expected = A (b + s/n) / (B + s)        score = (a - expected) / sqrt(expected + 1)
 *
 * This is the Pearson residual of the point-by-point Poisson model (Hendrickson et al., "Trend detection in social
 * data", Twitter 2015) on additively smoothed shares; the 1 keeps rare products from winning by one view. Shares
 * rather than counts, so that the morning does not make everything trend. Without a baseline it ranks by popularity.
 */
export async function trendingProducts(
  tables: Tables,
  query: TrendingQuery,
  now: number,
): Promise<TrendingProducts> {
  const rows = await tables.query<TrendingRow>(trendingSql(query.category !== undefined), {
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

/** Panes are minutes, so the window ends with the minute that is still filling. */
function spans(query: TrendingQuery, now: number) {
  const windowMs = WINDOWS[query.window]
  const end = Math.floor(now / MINUTE_MS) * MINUTE_MS + MINUTE_MS
  return {
    end: end / 1000,
    split: (end - windowMs) / 1000,
    start: (end - (1 + BASELINE_WINDOWS) * windowMs) / 1000,
  }
}

const ACTIVITY = `${WEIGHT.view} * panes.views + ${WEIGHT.cart} * panes.carts + ${WEIGHT.purchase} * panes.purchases`

function trendingSql(byCategory: boolean): string {
  return `
    WITH toDateTime({split:UInt32}, 'UTC') AS split,
    activity AS (
      SELECT product_id,
        sumIf(panes.views, minute >= split) AS views,
        sumIf(panes.carts, minute >= split) AS carts,
        sumIf(panes.purchases, minute >= split) AS purchases,
        sumIf(${ACTIVITY}, minute >= split) AS recent,
        sumIf(${ACTIVITY}, minute < split) AS baseline
      FROM (
        SELECT minute, product_id, views, carts, purchases FROM product_panes FINAL
        WHERE minute >= toDateTime({start:UInt32}, 'UTC') AND minute < toDateTime({end:UInt32}, 'UTC')
      ) AS panes
      GROUP BY product_id
    ),
    scored AS (
      SELECT *,
        sum(baseline) OVER () AS baseline_total,
        sum(recent) OVER () * (baseline + ${SMOOTHING} / count() OVER ()) / (baseline_total + ${SMOOTHING}) AS expected
      FROM activity
    )
    SELECT product_id, if(known.title = '', product_id, known.title) AS title, known.category AS category,
      views, carts, purchases, baseline_total > 0 AS has_baseline,
      recent / expected AS lift, (recent - expected) / sqrt(expected + 1) AS score
    FROM scored
    LEFT JOIN (SELECT product_id, title, category, removed FROM catalogue FINAL) AS known USING product_id
    WHERE recent > 0 AND known.removed = 0 ${byCategory ? 'AND has(known.category, {category:String})' : ''}
    ORDER BY score DESC, recent DESC, product_id
    LIMIT {limit:UInt32}`
}
