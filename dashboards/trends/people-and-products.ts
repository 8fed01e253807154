import { rows, series } from '../clickhouse-target.ts'
import type { Row } from '../dashboard.ts'
import { bars, table, timeSeries } from '../panel.ts'
import { PEOPLE } from './sql-parts.ts'

/** What a session is counted by: that of the event, else the person. */
const VISIT = "multiIf(session_id != '', session_id, user_id != '', user_id, anonymous_id)"
const VISIT_SECONDS = 4 * 3600

/** The formula of serving/trends/trending-products.ts: a Pearson residual on smoothed shares, against seven windows before. */
const BASELINE_WINDOWS = 7
const SMOOTHING = 50
const ACTIVITY = 'views + 3 * carts + 5 * purchases'

/** Who is there, what they look at, and what moves. */
export const PEOPLE_AND_PRODUCTS: Row = {
  id: 20,
  title: 'People and products',
  panels: [
    timeSeries({
      id: 21,
      title: 'Active people',
      description: 'Different customers and visitors with an event, by point of the graph.',
      unit: 'short',
      width: 8,
      interval: '1m',
      targets: [
        series(`SELECT $__timeInterval(event_time) AS time, ${PEOPLE} AS people
          FROM events
          WHERE $__timeFilter(event_time) AND dup = 0
          GROUP BY time ORDER BY time`),
      ],
    }),
    timeSeries({
      id: 22,
      title: 'Views, carts, purchases per minute',
      description: 'Of all products.',
      unit: 'short',
      decimals: 1,
      width: 8,
      interval: '1m',
      targets: [
        series(`SELECT $__timeInterval(minute) AS time, sum(product_minutes.views) / ($__interval_s / 60) AS views,
            sum(product_minutes.carts) / ($__interval_s / 60) AS carts,
            sum(product_minutes.purchases) / ($__interval_s / 60) AS purchases
          FROM product_minutes
          WHERE $__timeFilter(minute)
          GROUP BY time ORDER BY time`),
      ],
    }),
    bars({
      id: 23,
      title: 'How far visits went',
      description: 'Visits that took each step after the one before it, within four hours.',
      unit: 'short',
      width: 8,
      targets: [
        rows(`WITH visits AS (
            SELECT windowFunnel(${VISIT_SECONDS})(toDateTime(event_time), type = 'ProductViewed', type = 'CartItemAdded',
                type = 'CheckoutStarted', type = 'OrderPlaced') AS depth
            FROM events
            WHERE type IN ('ProductViewed', 'CartItemAdded', 'CheckoutStarted', 'OrderPlaced')
              AND $__timeFilter(event_time) AND dup = 0
            GROUP BY ${VISIT}
          )
          SELECT ['Viewed', 'Into the cart', 'Checkout', 'Ordered'][step] AS reached, visits
          FROM (
            SELECT arrayJoin([1, 2, 3, 4]) AS step, (SELECT groupArray(depth) FROM visits) AS depths,
              arrayCount(depth -> depth >= step, depths) AS visits
          )
          ORDER BY step`),
      ],
    }),
    table({
      id: 24,
      title: 'Top movers',
      description:
        'Products whose share of the activity grew most against the seven ranges before this one.',
      unit: 'short',
      decimals: 1,
      width: 12,
      targets: [
        rows(`WITH $__fromTime AS since, $__toTime AS until,
          activity AS (
            SELECT product_id, sumIf(${ACTIVITY}, minute >= since) AS recent, sumIf(${ACTIVITY}, minute < since) AS baseline
            FROM product_minutes
            WHERE minute > since - ${BASELINE_WINDOWS} * (until - since) AND minute <= until
            GROUP BY product_id
          ),
          scored AS (
            SELECT product_id, recent, baseline,
              sum(recent) OVER () * (baseline + ${SMOOTHING} / count() OVER ()) / (sum(baseline) OVER () + ${SMOOTHING}) AS expected
            FROM activity
          )
          SELECT if(known.title = '', scored.product_id, known.title) AS product, recent AS activity,
            recent / expected AS lift, (recent - expected) / sqrt(expected + 1) AS score
          FROM scored
          LEFT JOIN products AS known ON known.product_id = scored.product_id
          WHERE recent > 0
          ORDER BY score DESC, activity DESC, product
          LIMIT 20`),
      ],
    }),
    timeSeries({
      id: 25,
      title: 'Recommendations',
      description: 'Lists shown and clicks on them, by point of the graph.',
      unit: 'short',
      width: 12,
      interval: '1m',
      targets: [
        series(`SELECT $__timeInterval(event_time) AS time,
            countIf(type = 'RecommendationsShown') AS shown, countIf(type = 'RecommendationClicked') AS clicked
          FROM events
          WHERE type IN ('RecommendationsShown', 'RecommendationClicked') AND $__timeFilter(event_time) AND dup = 0
          GROUP BY time ORDER BY time`),
      ],
    }),
  ],
}
