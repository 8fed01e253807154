import { PEOPLE_SQL } from '#schemas/people.ts'
import { BASELINE_WINDOWS, trendingSql } from '#schemas/trending.ts'
import { rows, series } from '../clickhouse-target.ts'
import type { Row } from '../dashboard.ts'
import { bars, table, timeSeries } from '../panel.ts'
import { BY_TIME } from './sql-parts.ts'

/** The key of a visit: the session of the event, else its person. */
const VISIT = "multiIf(session_id != '', session_id, user_id != '', user_id, anonymous_id)"
const VISIT_SECONDS = 4 * 3600

/** Who is there, what they look at, and what moves. */
export const PEOPLE_AND_PRODUCTS: Row = {
  id: 20,
  title: 'People and products',
  panels: [
    timeSeries({
      id: 21,
      title: 'Active people',
      description:
        'Different customers and visitors with an event, by point of the graph. Who signs in counts as a visitor before and as a customer after.',
      unit: 'short',
      width: 8,
      interval: '1m',
      targets: [
        series(`SELECT $__timeInterval(event_time) AS time, ${PEOPLE_SQL} AS people
          FROM events
          WHERE $__timeFilter(event_time) AND dup = 0
          ${BY_TIME}`),
      ],
    }),
    timeSeries({
      id: 22,
      title: 'Views, carts, purchases per minute',
      description: 'Of all products; every line of an order is one purchase.',
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
          ${BY_TIME}`),
      ],
    }),
    bars({
      id: 23,
      title: 'How far visits went',
      description:
        'Visits that took each step after the one before it, within four hours of the first.',
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
        'Products whose share of the activity (a view counts 1, a cart 3, a purchase 5) grew most against the seven ranges before this one. Lift: activity by what its usual share would be.',
      unit: 'short',
      decimals: 1,
      width: 12,
      targets: [
        rows(
          trendingSql({
            source: 'product_minutes',
            start: `$__fromTime - ${BASELINE_WINDOWS} * ($__toTime - $__fromTime)`,
            split: '$__fromTime',
            end: '$__toTime',
            columns: 'title AS product, activity, lift, score',
            limit: '20',
          }),
        ),
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
          ${BY_TIME}`),
      ],
    }),
  ],
}
