import { rows, series } from '../clickhouse-target.ts'
import type { Row } from '../dashboard.ts'
import { MONEY_UNIT, table, timeSeries } from '../panel.ts'
import { BY_TIME, byTimeAndName, IN_CURRENCY, MINOR_UNITS } from './sql-parts.ts'

/** Orders and what they brought. */
export const MONEY: Row = {
  id: 10,
  title: 'Money',
  panels: [
    timeSeries({
      id: 11,
      title: 'Revenue per minute ($currency)',
      description: 'Value of the orders placed, and the same a day earlier.',
      unit: MONEY_UNIT,
      decimals: 2,
      width: 12,
      interval: '1m',
      targets: [
        series(`SELECT $__timeInterval(minute) AS time, sum(revenue_minor) / ${MINOR_UNITS} / ($__interval_s / 60) AS revenue
          FROM order_minutes
          WHERE ${IN_CURRENCY}
          ${BY_TIME}`),
        series(
          `SELECT $__timeInterval(minute + INTERVAL 1 DAY) AS time,
            sum(revenue_minor) / ${MINOR_UNITS} / ($__interval_s / 60) AS "a day earlier"
          FROM order_minutes
          WHERE currency = '$currency' AND $__timeFilter(minute + INTERVAL 1 DAY)
          ${BY_TIME}`,
          'B',
        ),
      ],
    }),
    timeSeries({
      id: 12,
      title: 'Orders and refunds per minute ($currency)',
      description: 'By the time of the order, and of the refund. Cancelled orders are included.',
      unit: 'short',
      decimals: 1,
      width: 12,
      interval: '1m',
      targets: [
        series(`SELECT $__timeInterval(minute) AS time,
            sum(orders) / ($__interval_s / 60) AS orders, sum(refunds) / ($__interval_s / 60) AS refunds
          FROM order_minutes
          WHERE ${IN_CURRENCY}
          ${BY_TIME}`),
      ],
    }),
    timeSeries({
      id: 13,
      title: 'Revenue by category ($currency)',
      description:
        'By point of the graph: the eight with the most revenue in this range. A product counts in the first category that it has now.',
      unit: MONEY_UNIT,
      decimals: 2,
      width: 12,
      stacked: true,
      interval: '1m',
      targets: [
        series(`WITH sold AS (
            SELECT minute, if(category = '', 'none', category) AS named, revenue_minor
            FROM category_minutes WHERE ${IN_CURRENCY}
          )
          SELECT time, category, revenue FROM (
            SELECT $__timeInterval(minute) AS time, named AS category, sum(revenue_minor) / ${MINOR_UNITS} AS revenue
            FROM sold
            WHERE named IN (SELECT named FROM sold GROUP BY named ORDER BY sum(revenue_minor) DESC LIMIT 8)
            ${byTimeAndName('category')}
          )
          ORDER BY time`),
      ],
    }),
    table({
      id: 14,
      title: 'Best sellers ($currency)',
      description:
        'The twenty products with the most revenue in this range, at the prices of the orders.',
      unit: MONEY_UNIT,
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
}
