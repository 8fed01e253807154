import { rows } from '../clickhouse-target.ts'
import type { Row } from '../dashboard.ts'
import { stat } from '../panel.ts'
import { IN_CURRENCY, MINOR_UNITS, PEOPLE } from './sql-parts.ts'

/** The figures of the chosen range. */
export const IN_THIS_RANGE: Row = {
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
        rows(`SELECT ${PEOPLE} AS people FROM events WHERE $__timeFilter(event_time) AND dup = 0`),
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
}
