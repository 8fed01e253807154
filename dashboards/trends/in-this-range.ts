import { PEOPLE_SQL } from '#schemas/people.ts'
import { rows } from '../clickhouse-target.ts'
import type { Row } from '../dashboard.ts'
import { MONEY_UNIT, stat } from '../panel.ts'
import { IN_CURRENCY, MINOR_UNITS } from './sql-parts.ts'

/** Totals of the selected time range. */
export const IN_THIS_RANGE: Row = {
  id: 1,
  title: 'In this range',
  panels: [
    stat({
      id: 2,
      title: 'Revenue ($currency)',
      description: 'Value of the orders placed. Cancelled and refunded orders are not subtracted.',
      unit: MONEY_UNIT,
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
      description: 'Placed in $currency, cancelled ones included.',
      unit: 'short',
      width: 4,
      targets: [rows(`SELECT sum(orders) AS orders FROM order_minutes WHERE ${IN_CURRENCY}`)],
    }),
    stat({
      id: 4,
      title: 'Average order ($currency)',
      description: 'Revenue divided by orders; 0 without orders.',
      unit: MONEY_UNIT,
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
      description: 'Refunds made in this range, whenever the order was placed.',
      unit: MONEY_UNIT,
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
      description:
        'Different customers and visitors with an event. Who signs in counts as a visitor before and as a customer after.',
      unit: 'short',
      width: 4,
      targets: [
        rows(
          `SELECT ${PEOPLE_SQL} AS people FROM events WHERE $__timeFilter(event_time) AND dup = 0`,
        ),
      ],
    }),
    stat({
      id: 7,
      title: 'Clicks on recommendations',
      description: 'Clicks divided by lists shown; 0 when none was shown.',
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
