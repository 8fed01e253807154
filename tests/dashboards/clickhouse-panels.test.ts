import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Tables } from '#engines/tables/port.ts'
import {
  CATALOGUE,
  DEAD_LETTERS,
  ORDER_PANES,
  PRODUCT_PANES,
  RAW_EVENTS,
  WATERMARKS,
} from '#schemas/tables.ts'
import { aRow, openTestTables } from '#serving/trends/tables.fixture.ts'
import { CLICKHOUSE } from '../../dashboards/clickhouse-target.ts'
import { EMITTED, targetsOf } from './emitted-dashboard.ts'
import { expandMacros, type QueryContext } from './expand-macros.ts'

const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS
const NOW = Math.floor(Date.UTC(2026, 10, 22, 12) / MINUTE_MS) * MINUTE_MS

const context: QueryContext = {
  from: (NOW - 6 * HOUR_MS) / 1000,
  to: NOW / 1000,
  intervalSeconds: 60,
  variables: { currency: 'GBP' },
}

let tables: Tables
beforeAll(async () => {
  tables = await openTestTables()
  await seed(tables)
})
afterAll(() => tables[Symbol.asyncDispose]())

const panels = targetsOf(CLICKHOUSE.type)

test.each(panels)('$name answers on the real engine', async ({ target }) => {
  const { meta, data } = await ask(expandMacros(target.rawSql ?? '', context))
  expect(data.length).toBeGreaterThan(0)
  // What is no number, as 0 divided by 0, is null in JSON.
  expect(data.flat()).not.toContain(null)
  expect(meta.map(({ type }) => type).join()).not.toContain('Nullable')
})

test.each(panels.filter(({ target }) => target.queryType === 'timeseries'))(
  '$name has a time first, then a number',
  async ({ target }) => {
    const [time, ...others] = (await ask(expandMacros(target.rawSql ?? '', context))).meta
    expect(time).toMatchObject({ name: 'time', type: expect.stringMatching(/^DateTime/) })
    expect(others.map(({ type }) => type).join()).toMatch(/U?Int|Float/)
  },
)

test('every panel of the dashboard of trends was asked', () => {
  expect(panels.length).toBeGreaterThan(15)
})

test('the variable lists what there is to choose', async () => {
  const queries = EMITTED.flatMap(({ templating }) => templating.list)
    .filter(({ type }) => type === 'query')
    .map(({ query }) => query)
  expect(queries).toHaveLength(1)
  expect((await ask(queries[0] ?? '')).data).toEqual([['GBP'], ['JPY']])
})

test.each([
  ['Revenue ($currency)', 'GBP', [[30]]],
  ['Revenue ($currency)', 'JPY', [[500]]],
  ['Orders', 'GBP', [['3']]],
  ['Average order ($currency)', 'GBP', [[10]]],
  ['Average order ($currency)', 'USD', [[0]]],
  ['Refunded ($currency)', 'GBP', [[2.5]]],
  ['People', 'GBP', [['3']]],
  ['Clicks on recommendations', 'GBP', [[0.5]]],
  ['Best sellers ($currency)', 'GBP', [['Cake stand', '2', 20]]],
  ['How far processing is', 'GBP', [['facts', 'commerce.activity', 'idle', '0']]],
  [
    'How far visits went',
    'GBP',
    [
      ['Viewed', 2],
      ['Into the cart', 1],
      ['Checkout', 1],
      ['Ordered', 1],
    ],
  ],
])('%s in %s says %j', async (title, currency, answer) => {
  const panel = panels.find((one) => one.panel.title === title)
  const sql = expandMacros(panel?.target.rawSql ?? '', { ...context, variables: { currency } })
  expect((await ask(sql)).data).toEqual(answer)
})

test('a graph has a point for every bucket, with a zero where nothing happened', async () => {
  for (const title of ['Dead letters', 'Views, carts, purchases per minute']) {
    const panel = panels.find((one) => one.panel.title === title)
    const { data } = await ask(expandMacros(panel?.target.rawSql ?? '', context))
    expect(data).toHaveLength((6 * HOUR_MS) / MINUTE_MS)
    const times = data.map(([time]) => String(time))
    expect(times).toEqual(times.toSorted())
    expect(data.filter((row) => Number(row.at(-1)) > 0).map(([time]) => time)).toEqual(
      title === 'Dead letters' ? ['2026-11-22 11:58:00'] : ['2026-11-22 11:55:00'],
    )
  }
})

test('the mover of the day comes first', async () => {
  const panel = panels.find((one) => one.panel.title === 'Top movers')
  const { data } = await ask(expandMacros(panel?.target.rawSql ?? '', context))
  expect(data.map(([product]) => product)).toEqual(['Lantern', 'Cake stand'])
})

test('a wrong column and a macro that nobody knows are found', async () => {
  await expect(ask('SELECT nothing FROM order_minutes')).rejects.toThrow('nothing')
  expect(() => expandMacros('$__lttb(a, b)', context)).toThrow('nothing expands $__lttb')
})

interface Answer {
  readonly meta: readonly { readonly name: string; readonly type: string }[]
  readonly data: readonly (readonly (string | number)[])[]
}

async function ask(sql: string): Promise<Answer> {
  return JSON.parse(await tables.read(sql, 'JSONCompact')) as Answer
}

async function seed(into: Tables): Promise<void> {
  const at = (minutesAgo: number) => NOW - minutesAgo * MINUTE_MS
  await into.insert(ORDER_PANES, [
    aRow.orderPane({ minute: at(5), orders: 2, units: 2, revenue_minor: 2_000 }),
    aRow.orderPane({ minute: at(4), orders: 1, units: 1, revenue_minor: 1_000 }),
    aRow.orderPane({ minute: at(4), _partition: 1, refunds: 1, refunded_minor: 250 }),
    aRow.orderPane({ minute: at(24 * 60 + 5), orders: 1, revenue_minor: 700 }),
    aRow.orderPane({ minute: at(4), currency: 'JPY', orders: 1, revenue_minor: 500 }),
  ])
  await into.insert(PRODUCT_PANES, [
    aRow.productPane({ minute: at(5), product_id: 'cake', views: 20, carts: 1 }),
    aRow.productPane({
      minute: at(5),
      product_id: 'cake',
      currency: 'GBP',
      purchases: 2,
      revenue_minor: 2_000,
    }),
    aRow.productPane({ minute: at(3), product_id: 'lantern', views: 40 }),
    aRow.productPane({ minute: at(10 * 60), product_id: 'cake', views: 300 }),
    aRow.productPane({ minute: at(10 * 60), product_id: 'lantern', views: 3 }),
  ])
  await into.insert(CATALOGUE, [
    aRow.product({ product_id: 'cake', title: 'Cake stand', category: ['Kitchen'] }),
    aRow.product({ product_id: 'lantern', title: 'Lantern' }),
  ])
  const lines = [{ product_id: 'cake', quantity: 2, unit_price_minor: 1_000 }]
  const ann = { user_id: 'ann', session_id: 's1', received_at: at(4) }
  await into.insert(RAW_EVENTS, [
    aRow.event({ ...ann, type: 'ProductViewed', event_time: at(9) }),
    aRow.event({ ...ann, type: 'CartItemAdded', event_time: at(8) }),
    aRow.event({ ...ann, type: 'CheckoutStarted', event_time: at(7) }),
    aRow.event({
      ...ann,
      type: 'OrderPlaced',
      event_time: at(6),
      payload: JSON.stringify({ currency: 'GBP', lines }),
    }),
    aRow.event({ anonymous_id: 'somebody', event_time: at(5), received_at: at(5), late: 1 }),
    aRow.event({ anonymous_id: 'somebody', event_time: at(5), received_at: at(5), dup: 1 }),
    aRow.event({ user_id: 'bob', type: 'RecommendationsShown', event_time: at(5) }),
    aRow.event({ user_id: 'bob', type: 'RecommendationsShown', event_time: at(4) }),
    aRow.event({ user_id: 'bob', type: 'RecommendationClicked', event_time: at(4) }),
  ])
  await into.insert(DEAD_LETTERS, [
    {
      _topic: 'commerce.orders',
      _partition: 0,
      _offset: 7,
      stage: 'decode',
      reason: 'truncated',
      value_base64: '',
      failed_at: at(2),
    },
  ])
  await into.insert(WATERMARKS, [
    aRow.watermark({ _topic: 'commerce.activity', watermark: at(1), idle: 1 }),
  ])
}
