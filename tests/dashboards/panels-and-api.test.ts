import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Tables } from '#engines/tables/port.ts'
import { CATALOGUE, ORDER_PANES, PRODUCT_PANES, RAW_EVENTS } from '#schemas/tables.ts'
import { activityPoints } from '#serving/trends/activity-trend.ts'
import { revenuePoints } from '#serving/trends/revenue-trend.ts'
import { aRow, openTestTables } from '#serving/trends/tables.fixture.ts'
import { trendingProducts } from '#serving/trends/trending-products.ts'
import { CLICKHOUSE } from '../../dashboards/clickhouse-target.ts'
import { targetsOf } from './emitted-dashboard.ts'
import { expandMacros } from './expand-macros.ts'

const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS
const NOW = Date.UTC(2026, 10, 22, 12)
const range = { interval: '1h', bucketMs: HOUR_MS, from: NOW - HOUR_MS, to: NOW } as const

/** Currencies and their decimals, from ISO 4217: here once more, so that the list in schemas/ is held to it. */
const DECIMALS = { GBP: 2, HUF: 2, JPY: 0, UYI: 0, IQD: 3, KWD: 3, CLF: 4, UYW: 4 } as const
type Currency = keyof typeof DECIMALS
const CURRENCIES = Object.keys(DECIMALS) as Currency[]
const MINOR = 1_234_567

/** Each panel that shows money, and how the answer's rows become the one figure that was seeded. */
const MONEY_PANELS = [
  'Revenue ($currency)',
  'Average order ($currency)',
  'Refunded ($currency)',
  'Revenue per minute ($currency)',
  'Revenue by category ($currency)',
  'Best sellers ($currency)',
]

let tables: Tables
beforeAll(async () => {
  tables = await openTestTables()
  await seed(tables)
})
afterAll(() => tables[Symbol.asyncDispose]())

describe.each(CURRENCIES)('in %s', (currency) => {
  test.each(MONEY_PANELS)('%s says what the API says', async (title) => {
    expect(await minorShownBy(sqlOf(title), currency)).toBe(await revenueByApi(currency))
  })
})

test('a panel that takes every minor unit for a hundredth is found', async () => {
  const naive = sqlOf('Revenue ($currency)').replace(/multiIf\(.*, 100\)/, '100')
  for (const currency of CURRENCIES) {
    const isRight = (await minorShownBy(naive, currency)) === MINOR
    expect(isRight, currency).toBe(DECIMALS[currency] === 2)
  }
})

test('all panels of money were compared', () => {
  const unit = 'locale'
  const panels = targetsOf(CLICKHOUSE.type).map(({ panel }) => panel)
  const ofMoney = panels.filter(({ fieldConfig }) => fieldConfig?.defaults.unit === unit)
  expect(new Set(ofMoney.map(({ title }) => title))).toEqual(new Set(MONEY_PANELS))
})

test('people are counted as the API counts them', async () => {
  const [{ active_users } = { active_users: 0 }] = await activityPoints(tables, range)
  expect(active_users).toBe(3)
  expect(await rowsOf(sqlOf('People'))).toEqual([[active_users]])
})

test('the top movers are those of the API, with the same scores', async () => {
  const query = { window: '1h', limit: 20 } as const
  const { items } = await trendingProducts(tables, query, NOW - 1)
  const byApi = items.map(({ title, lift, score }) => [title, lift, score])
  expect(byApi.map(([title]) => title)).toEqual(['Lantern', 'Cake stand', 'unlisted'])
  expect(await movers(sqlOf('Top movers'))).toEqual(byApi)
})

test('a panel with another weight or smoothing is found', async () => {
  const right = await movers(sqlOf('Top movers'))
  const heavier = sqlOf('Top movers').replaceAll('3 * panes.carts', '2 * panes.carts')
  const smoother = sqlOf('Top movers').replaceAll(' 50', ' 60')
  expect(await movers(heavier)).not.toEqual(right)
  expect(await movers(smoother)).not.toEqual(right)
})

function sqlOf(title: string): string {
  const found = targetsOf(CLICKHOUSE.type).find(({ panel }) => panel.title === title)
  if (found?.target.rawSql === undefined) throw new Error(`there is no panel ${title}`)
  return found.target.rawSql
}

async function rowsOf(sql: string, currency = 'GBP'): Promise<(string | number)[][]> {
  const context = { from: range.from / 1000, to: range.to / 1000, intervalSeconds: 60 }
  const expanded = expandMacros(sql, { ...context, variables: { currency } })
  const { data } = JSON.parse(await tables.read(expanded, 'JSONCompact')) as {
    data: (string | number)[][]
  }
  return data.map((row) =>
    row.map((value) => (/^\d+$/.test(String(value)) ? Number(value) : value)),
  )
}

/** The sum of what stands in the last column, in minor units. */
async function minorShownBy(sql: string, currency: Currency): Promise<number> {
  const rows = await rowsOf(sql, currency)
  const shown = rows.reduce((sum, row) => sum + Number(row.at(-1)), 0)
  return Math.round(shown * 10 ** DECIMALS[currency])
}

async function revenueByApi(currency: Currency): Promise<number> {
  const points = await revenuePoints(tables, range, { currency })
  return points.reduce((sum, point) => sum + point.revenue_minor, 0)
}

/** Product, lift and score; the activity between them is not in the API. */
async function movers(sql: string): Promise<unknown[][]> {
  return (await rowsOf(sql)).map(([product, , lift, score]) => [product, lift, score])
}

async function seed(into: Tables): Promise<void> {
  const minute = NOW - 5 * MINUTE_MS
  await into.insert(
    ORDER_PANES,
    CURRENCIES.map((currency) =>
      aRow.orderPane({
        minute,
        currency,
        orders: 1,
        units: 1,
        revenue_minor: MINOR,
        refunds: 1,
        refunded_minor: MINOR,
      }),
    ),
  )
  await into.insert(PRODUCT_PANES, [
    ...CURRENCIES.map((currency) =>
      aRow.productPane({
        minute,
        product_id: 'cake',
        currency,
        purchases: 1,
        units: 1,
        revenue_minor: MINOR,
      }),
    ),
    aRow.productPane({ minute, product_id: 'lantern', views: 400, carts: 30 }),
    aRow.productPane({ minute, product_id: 'removed', views: 900 }),
    aRow.productPane({ minute, product_id: 'unlisted', views: 3 }),
    // Before the window, and before the baseline.
    aRow.productPane({ minute: NOW - 2 * HOUR_MS, product_id: 'unlisted', views: 30 }),
    aRow.productPane({ minute: NOW - 8 * HOUR_MS, product_id: 'cake', carts: 3 }),
    aRow.productPane({ minute: NOW - 9 * HOUR_MS, product_id: 'lantern', views: 9_000 }),
    // A minute that begins when the range has ended.
    aRow.productPane({ minute: NOW, product_id: 'unlisted', views: 9_000 }),
  ])
  await into.insert(CATALOGUE, [
    aRow.product({ product_id: 'cake', title: 'Cake stand', category: ['Kitchen'] }),
    aRow.product({ product_id: 'lantern', title: 'Lantern' }),
    aRow.product({ product_id: 'removed', title: 'Removed', removed: 1 }),
  ])
  const event_time = minute
  const line = { product_id: 'cake', quantity: 1, unit_price_minor: MINOR }
  await into.insert(RAW_EVENTS, [
    ...CURRENCIES.map((currency) =>
      aRow.event({
        type: 'OrderPlaced',
        event_time,
        user_id: 'ann',
        payload: JSON.stringify({ currency, lines: [line] }),
      }),
    ),
    aRow.event({ event_time, anonymous_id: 'ann' }),
    aRow.event({ event_time, anonymous_id: 'somebody', user_id: 'bob' }),
    aRow.event({ event_time, user_id: 'carl', dup: 1 }),
  ])
}
