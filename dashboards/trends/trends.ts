import { CLICKHOUSE } from '../clickhouse-target.ts'
import type { DashboardSpec } from '../dashboard.ts'
import { DATA_QUALITY } from './data-quality.ts'
import { IN_THIS_RANGE } from './in-this-range.ts'
import { MONEY } from './money.ts'
import { PEOPLE_AND_PRODUCTS } from './people-and-products.ts'

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
  rows: [IN_THIS_RANGE, MONEY, PEOPLE_AND_PRODUCTS, DATA_QUALITY],
}
