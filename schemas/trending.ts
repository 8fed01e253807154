import { NEWEST_PRODUCTS } from './tables.ts'

/** How much each act says of interest: a purchase more than a cart, a cart more than a look. */
const WEIGHT = { view: 1, cart: 3, purchase: 5 } as const

/** The baseline is this many windows long and ends where the window begins. */
export const BASELINE_WINDOWS = 7

/** Pseudo-activity spread evenly over the products, so that one never seen before has a share to compare with. */
const SMOOTHING = 50

const ACTIVITY = `${WEIGHT.view} * panes.views + ${WEIGHT.cart} * panes.carts + ${WEIGHT.purchase} * panes.purchases`

export interface TrendingSql {
  /** A table or view with minute, product_id, views, carts and purchases. */
  readonly source: string
  /** Expressions: the baseline begins at `start`, the window at `split`; `end` is exclusive. */
  readonly start: string
  readonly split: string
  readonly end: string
  /**
   * Of product_id, title (the id where the catalogue has none), category, views, carts, purchases, activity, has_baseline,
   * lift and score.
   */
  readonly columns: string
  readonly category?: string
  readonly limit: string
}

/**
 * The products whose share of the shop's activity grew most, as SQL. With activity a = views + 3 carts + 5 purchases, A its
 * sum over all products in the window, b and B the same in the baseline, n products and smoothing s:
 *
 *   expected = A (b + s/n) / (B + s)        score = (a - expected) / sqrt(expected + 1)
 *
 * This is the Pearson residual of the point-by-point Poisson model (Hendrickson et al., "Trend detection in social
 * data", Twitter 2015) on additively smoothed shares; the 1 keeps rare products from winning by one view. Shares
 * rather than counts, so that the morning does not make everything trend. Without a baseline it ranks by popularity.
 *
 * (The recommender's source of the same name is another measure: the same residual, on decayed counts of one product.)
 */
export function trendingSql({
  source,
  start,
  split,
  end,
  columns,
  category,
  limit,
}: TrendingSql): string {
  return `WITH activity AS (
    SELECT product_id,
      sumIf(panes.views, minute >= ${split}) AS views,
      sumIf(panes.carts, minute >= ${split}) AS carts,
      sumIf(panes.purchases, minute >= ${split}) AS purchases,
      sumIf(${ACTIVITY}, minute >= ${split}) AS activity,
      sumIf(${ACTIVITY}, minute < ${split}) AS baseline
    FROM (
      SELECT minute, product_id, views, carts, purchases FROM ${source}
      WHERE minute >= ${start} AND minute < ${end}
    ) AS panes
    GROUP BY product_id
  ),
  scored AS (
    SELECT *,
      sum(baseline) OVER () AS baseline_total,
      sum(activity) OVER () * (baseline + ${SMOOTHING} / count() OVER ()) / (baseline_total + ${SMOOTHING}) AS expected
    FROM activity
  ),
  trending AS (
    SELECT product_id, if(known.title = '', product_id, known.title) AS title, known.category AS category,
      views, carts, purchases, activity, baseline_total > 0 AS has_baseline,
      activity / expected AS lift, (activity - expected) / sqrt(expected + 1) AS score
    FROM scored
    LEFT JOIN (SELECT product_id, title, category, removed FROM ${NEWEST_PRODUCTS}) AS known USING product_id
    WHERE activity > 0 AND known.removed = 0
  )
  SELECT ${columns}
  FROM trending${category === undefined ? '' : ` WHERE has(category, ${category})`}
  ORDER BY score DESC, activity DESC, product_id
  LIMIT ${limit}`
}
