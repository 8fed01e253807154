import { CLICKHOUSE, rows, series } from './clickhouse-target.ts'
import type { DashboardSpec } from './dashboard.ts'
import { bars, stat, table, timeSeries } from './panel.ts'

/** Currencies whose minor unit is not a hundredth (ISO 4217): a factor by which amounts are divided to be read. */
const MINOR_UNITS = `multiIf(
    '$currency' IN ('BIF', 'CLP', 'DJF', 'GNF', 'ISK', 'JPY', 'KMF', 'KRW', 'PYG', 'RWF', 'UGX', 'VND', 'VUV', 'XAF', 'XOF', 'XPF'), 1,
    '$currency' IN ('BHD', 'IQD', 'JOD', 'KWD', 'LYD', 'OMR', 'TND'), 1000,
    100)`

/** One person is one user_id, else one anonymous_id. */
const PEOPLE =
  "uniqExactIf(user_id, user_id != '') + uniqExactIf(anonymous_id, user_id = '' AND anonymous_id != '')"

/** What a session is counted by: that of the event, else the person. */
const VISIT = "multiIf(session_id != '', session_id, user_id != '', user_id, anonymous_id)"
const VISIT_SECONDS = 4 * 3600

/** The formula of serving/trends/trending-products.ts: a Pearson residual on smoothed shares, against seven windows before. */
const BASELINE_WINDOWS = 7
const SMOOTHING = 50
const ACTIVITY = 'views + 3 * carts + 5 * purchases'

const IN_CURRENCY = "currency = '$currency' AND $__timeFilter(minute)"

/** What is the shop doing now, and what moves. */
export const TRENDS: DashboardSpec = {
  uid: 'freshet-trends',
  title: 'Freshet: trends',
  description: 'Orders, money, people and products of the shop, seconds after they happen.',
  tags: ['freshet'],
  datasource: CLICKHOUSE,
  variables: [
    {
      name: 'currency',
      label: 'Currency',
      sql: 'SELECT currency FROM order_minutes WHERE orders > 0 GROUP BY currency ORDER BY sum(orders) DESC',
    },
  ],
  from: 'now-6h',
  rows: [
    {
      id: 1,
      title: 'In this range',
      panels: [
        stat({
          id: 2,
          title: 'Revenue ($currency)',
          description: 'Of orders placed, less what was cancelled; refunds stand beside.',
          unit: 'short',
          decimals: 2,
          width: 4,
          targets: [
            rows(
              `SELECT sum(revenue_minor) / ${MINOR_UNITS} AS revenue FROM order_minutes WHERE ${IN_CURRENCY}`,
            ),
          ],
        }),
        stat({
          id: 3,
          title: 'Orders',
          description: 'Orders placed in this currency.',
          unit: 'short',
          width: 4,
          targets: [rows(`SELECT sum(orders) AS orders FROM order_minutes WHERE ${IN_CURRENCY}`)],
        }),
        stat({
          id: 4,
          title: 'Average order ($currency)',
          description: 'Revenue by order; 0 without orders.',
          unit: 'short',
          decimals: 2,
          width: 4,
          targets: [
            rows(`SELECT if(sum(orders) = 0, 0, sum(revenue_minor) / ${MINOR_UNITS} / sum(orders)) AS average
              FROM order_minutes WHERE ${IN_CURRENCY}`),
          ],
        }),
        stat({
          id: 5,
          title: 'Refunded ($currency)',
          description: 'Amounts of refunds by the time of the refund.',
          unit: 'short',
          decimals: 2,
          width: 4,
          targets: [
            rows(
              `SELECT sum(refunded_minor) / ${MINOR_UNITS} AS refunded FROM order_minutes WHERE ${IN_CURRENCY}`,
            ),
          ],
        }),
        stat({
          id: 6,
          title: 'People',
          description: 'Different customers and visitors with an event.',
          unit: 'short',
          width: 4,
          targets: [
            rows(
              `SELECT ${PEOPLE} AS people FROM events WHERE $__timeFilter(event_time) AND dup = 0`,
            ),
          ],
        }),
        stat({
          id: 7,
          title: 'Clicks on recommendations',
          description: 'Clicks by list shown.',
          unit: 'percentunit',
          decimals: 1,
          width: 4,
          targets: [
            rows(`SELECT if(countIf(type = 'RecommendationsShown') = 0, 0,
                countIf(type = 'RecommendationClicked') / countIf(type = 'RecommendationsShown')) AS rate
              FROM events
              WHERE type IN ('RecommendationsShown', 'RecommendationClicked') AND $__timeFilter(event_time) AND dup = 0`),
          ],
        }),
      ],
    },
    {
      id: 10,
      title: 'Money',
      panels: [
        timeSeries({
          id: 11,
          title: 'Revenue per minute ($currency)',
          description: 'And the same a day earlier.',
          unit: 'short',
          decimals: 2,
          width: 12,
          interval: '1m',
          targets: [
            series(`SELECT $__timeInterval(minute) AS time, sum(revenue_minor) / ${MINOR_UNITS} / ($__interval_s / 60) AS revenue
              FROM order_minutes
              WHERE ${IN_CURRENCY}
              GROUP BY time ORDER BY time`),
            series(
              `SELECT $__timeInterval(minute + INTERVAL 1 DAY) AS time,
                sum(revenue_minor) / ${MINOR_UNITS} / ($__interval_s / 60) AS "a day earlier"
              FROM order_minutes
              WHERE currency = '$currency' AND $__timeFilter(minute + INTERVAL 1 DAY)
              GROUP BY time ORDER BY time`,
              'B',
            ),
          ],
        }),
        timeSeries({
          id: 12,
          title: 'Orders and refunds per minute',
          description: 'By the time of the order, and of the refund.',
          unit: 'short',
          decimals: 1,
          width: 12,
          interval: '1m',
          targets: [
            series(`SELECT $__timeInterval(minute) AS time,
                sum(orders) / ($__interval_s / 60) AS orders, sum(refunds) / ($__interval_s / 60) AS refunds
              FROM order_minutes
              WHERE ${IN_CURRENCY}
              GROUP BY time ORDER BY time`),
          ],
        }),
        timeSeries({
          id: 13,
          title: 'Revenue by category ($currency)',
          description:
            'The eight that sold most in this range; a product counts in its first category.',
          unit: 'short',
          decimals: 2,
          width: 12,
          stacked: true,
          interval: '1m',
          targets: [
            series(`WITH sold AS (
                SELECT minute, if(category = '', 'none', category) AS named, revenue_minor
                FROM category_minutes WHERE ${IN_CURRENCY}
              )
              SELECT $__timeInterval(minute) AS time, named AS category, sum(revenue_minor) / ${MINOR_UNITS} AS revenue
              FROM sold
              WHERE named IN (SELECT named FROM sold GROUP BY named ORDER BY sum(revenue_minor) DESC LIMIT 8)
              GROUP BY time, category ORDER BY time`),
          ],
        }),
        table({
          id: 14,
          title: 'Best sellers',
          description: 'Products by revenue of this range.',
          unit: 'short',
          width: 12,
          targets: [
            rows(`SELECT if(known.title = '', sold.product_id, known.title) AS product, sold.units AS units, sold.revenue AS revenue
              FROM (
                SELECT product_id, sum(quantity) AS units, sum(quantity * unit_price_minor) / ${MINOR_UNITS} AS revenue
                FROM order_lines
                WHERE currency = '$currency' AND $__timeFilter(event_time)
                GROUP BY product_id ORDER BY revenue DESC LIMIT 20
              ) AS sold
              LEFT JOIN products AS known ON known.product_id = sold.product_id
              ORDER BY revenue DESC`),
          ],
        }),
      ],
    },
    {
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
    },
    {
      id: 30,
      title: 'The data themselves',
      panels: [
        timeSeries({
          id: 31,
          title: 'Late and repeated events',
          description:
            'Shares by the time of arrival. Late ones are counted again; repeats are not counted.',
          unit: 'percentunit',
          decimals: 2,
          width: 8,
          interval: '1m',
          targets: [
            series(`SELECT $__timeInterval(received_at) AS time, avg(late) AS late, avg(dup) AS repeated
              FROM events
              WHERE $__timeFilter(received_at)
              GROUP BY time ORDER BY time`),
          ],
        }),
        timeSeries({
          id: 32,
          title: 'Dead letters',
          description: 'Records that could not be read or processed, by the stage that gave up.',
          unit: 'short',
          width: 8,
          interval: '1m',
          targets: [
            series(`SELECT $__timeInterval(failed_at) AS time, stage, count() AS records
              FROM dead_letters FINAL
              WHERE $__timeFilter(failed_at)
              GROUP BY time, stage ORDER BY time`),
          ],
        }),
        table({
          id: 33,
          title: 'How far processing is',
          description:
            'Seconds by which the watermark of each group stands behind: what is older has been counted.',
          unit: 's',
          width: 8,
          targets: [
            rows(`SELECT "group", _topic AS topic, dateDiff('second', min(watermark), now64(3)) AS behind, countIf(idle = 1) AS idle
              FROM watermarks FINAL
              GROUP BY "group", topic
              ORDER BY behind DESC`),
          ],
        }),
      ],
    },
  ],
}
