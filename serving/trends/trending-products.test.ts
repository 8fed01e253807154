import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Tables } from '#engines/tables/port.ts'
import { CATALOGUE, PRODUCT_PANES } from '#schemas/tables.ts'
import { readMovers } from '../live/movers.ts'
import { aRow, openTestTables } from './tables.fixture.ts'
import { trendingProducts } from './trending-products.ts'
import { trendingReason } from './trending-reason.ts'

const NOW = Date.parse('2026-11-22T12:00:30Z')
const minutesAgo = (minutes: number) => Math.floor(NOW / 60_000) * 60_000 - minutes * 60_000

let tables: Tables
beforeAll(async () => {
  tables = await openTestTables()
  await tables.insert(CATALOGUE, [
    aRow.product({ product_id: 'steady', title: 'Steady', category: ['home'] }),
    aRow.product({ product_id: 'rising', title: 'Rising', category: ['home', 'lights'] }),
    aRow.product({ product_id: 'gone', title: 'Gone', removed: 1 }),
  ])
})
afterAll(() => tables[Symbol.asyncDispose]())

const trending = (query: { category?: string; limit?: number } = {}) =>
  trendingProducts(tables, { window: '1h', limit: 10, ...query }, NOW)

test('nothing trends where nothing happened', async () => {
  expect(await trending()).toEqual({ window: '1h', as_of: '2026-11-22T12:00:30.000Z', items: [] })
})

describe('with a past of seven windows', () => {
  beforeAll(async () => {
    const views = (product_id: string, minute: number, count: number) =>
      aRow.productPane({ product_id, minute: minutesAgo(minute), views: count })
    await tables.insert(PRODUCT_PANES, [
      // 100 an hour before and now.
      views('steady', 200, 700),
      views('steady', 10, 100),
      // 10 an hour before, 60 now, some of them carts and purchases.
      views('rising', 100, 70),
      views('rising', 59, 35),
      aRow.productPane({ product_id: 'rising', minute: minutesAgo(0), views: 9, carts: 2 }),
      aRow.productPane({
        product_id: 'rising',
        minute: minutesAgo(0),
        currency: 'GBP',
        purchases: 2,
      }),
      views('new', 5, 6),
      views('gone', 5, 500),
      // The minute before the window, and one before the baseline.
      views('past', 60, 50),
      views('ancient', 8 * 60, 10_000),
    ])
  })

  test('what grew comes first, what is steady does not score, what left the catalogue is not there', async () => {
    const { items } = await trending()
    expect(items.map((item) => item.product_id)).toEqual(['rising', 'new', 'steady'])
    expect(items[0]).toMatchObject({ title: 'Rising', views: 44, carts: 2, purchases: 2 })
    expect(items[0]?.category).toEqual(['home', 'lights'])
    expect(items[2]?.score).toBeLessThan(0)
  })

  test('the score is the one documented', async () => {
    const [rising] = (await trending()).items
    // a, A, b, B and n of the formula; the removed product counts like any other.
    const [recent, total, past, pastTotal, products] = [60, 60 + 100 + 6 + 500, 70, 820, 5]
    const expected = (total * (past + 50 / products)) / (pastTotal + 50)
    expect(rising?.score).toBeCloseTo((recent - expected) / Math.sqrt(expected + 1), 9)
    expect(rising?.lift).toBeCloseTo(recent / expected, 9)
  })

  test('a product nobody described goes by its id', async () => {
    const { items } = await trending()
    expect(items.find((item) => item.product_id === 'new')).toMatchObject({
      title: 'new',
      category: [],
    })
  })

  test('a category at any level narrows the list, a limit shortens it', async () => {
    const ids = async (query: { category?: string; limit?: number }) =>
      (await trending(query)).items.map((item) => item.product_id)
    expect(await ids({ category: 'home' })).toEqual(['rising', 'steady'])
    expect(await ids({ category: 'lights' })).toEqual(['rising'])
    expect(await ids({ category: "'; DROP TABLE catalogue; --" })).toEqual([])
    expect(await ids({ limit: 1 })).toEqual(['rising'])
  })

  test('movers carry their activity in steps of five minutes, the newest last', async () => {
    const [rising] = (await readMovers(tables, NOW)).items
    expect(rising?.activity).toEqual([35, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 13])
  })
})

describe('the reason', () => {
  const counts = { views: 12, carts: 0, purchases: 1 }
  test.each([
    [null, '12 views and 1 purchase in the last hour'],
    [3.42, '12 views and 1 purchase in the last hour, 3.4 times its usual share of the shop'],
    [41.6, '12 views and 1 purchase in the last hour, 42 times its usual share of the shop'],
    [1.05, '12 views and 1 purchase in the last hour, its usual share of the shop'],
  ])('with a lift of %s', (lift, text) => {
    expect(trendingReason(counts, '1h', lift).text).toBe(text)
  })
})
