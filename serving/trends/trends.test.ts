import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Tables } from '#engines/tables/port.ts'
import { CATALOGUE, ORDER_PANES, PRODUCT_PANES, RAW_EVENTS, WATERMARKS } from '#schemas/tables.ts'
import { activePeople, activityPoints } from './activity-trend.ts'
import { bucketRange } from './bucket-range.ts'
import { orderPoints } from './order-trend.ts'
import { revenuePoints } from './revenue-trend.ts'
import { aRow, openTestTables } from './tables.fixture.ts'
import { watermarkOf } from './watermark.ts'

const at = (time: string) => Date.parse(`2026-11-22T${time}Z`)
const NOW = at('12:00:00.000')
const range = (from: string, to: string, interval: '1m' | '5m' | '1h' | '1d' = '1m') =>
  bucketRange({ interval, from: at(from), to: at(to) }, NOW)

let tables: Tables
beforeAll(async () => {
  tables = await openTestTables()
})
afterAll(() => tables[Symbol.asyncDispose]())

test('before anything happened every bucket is there with zeros', async () => {
  const hour = range('06:00:00', '06:02:00')
  expect(await orderPoints(tables, hour)).toEqual([
    { time: '2026-11-22T06:00:00.000Z', orders: 0, units: 0 },
    { time: '2026-11-22T06:01:00.000Z', orders: 0, units: 0 },
  ])
  expect(await revenuePoints(tables, hour)).toEqual([
    { time: '2026-11-22T06:00:00.000Z', currency: 'XXX', revenue_minor: 0 },
    { time: '2026-11-22T06:01:00.000Z', currency: 'XXX', revenue_minor: 0 },
  ])
  expect(await watermarkOf(tables, ['commerce.orders'])).toBeUndefined()
})

describe('orders and revenue', () => {
  beforeAll(async () => {
    const minute = at('09:00:00')
    await tables.insert(ORDER_PANES, [
      aRow.orderPane({ minute, orders: 9, units: 9, revenue_minor: 9 }),
      aRow.orderPane({ minute, _partition: 1, orders: 1, units: 3, revenue_minor: 500 }),
      aRow.orderPane({ minute: at('09:03:00'), orders: 4, units: 4, revenue_minor: 4000 }),
      aRow.orderPane({ minute, currency: 'EUR', orders: 1, units: 1, revenue_minor: 70 }),
    ])
    // The pane again, with more in it: absolute values, the newest counts.
    await tables.insert(ORDER_PANES, [
      aRow.orderPane({ minute, orders: 2, units: 5, revenue_minor: 2 ** 50 }),
    ])
  })

  test('panes are absolute and add up over partitions and currencies', async () => {
    expect(await orderPoints(tables, range('09:00:00', '09:04:00'))).toEqual([
      { time: '2026-11-22T09:00:00.000Z', orders: 4, units: 9 },
      { time: '2026-11-22T09:01:00.000Z', orders: 0, units: 0 },
      { time: '2026-11-22T09:02:00.000Z', orders: 0, units: 0 },
      { time: '2026-11-22T09:03:00.000Z', orders: 4, units: 4 },
    ])
  })

  test('wider buckets are the sums of the minutes, and the range ends before `to`', async () => {
    expect(await orderPoints(tables, range('08:55:00', '09:05:00', '5m'))).toEqual([
      { time: '2026-11-22T08:55:00.000Z', orders: 0, units: 0 },
      { time: '2026-11-22T09:00:00.000Z', orders: 8, units: 13 },
    ])
    const [day] = await orderPoints(tables, range('00:00:00', '12:00:00', '1d'))
    expect(day).toEqual({ time: '2026-11-22T00:00:00.000Z', orders: 8, units: 13 })
  })

  test('revenue has a point for every bucket in every currency of the range, exact beyond 32 bits', async () => {
    const points = await revenuePoints(tables, range('09:00:00', '09:02:00'))
    expect(points).toEqual([
      { time: '2026-11-22T09:00:00.000Z', currency: 'EUR', revenue_minor: 70 },
      { time: '2026-11-22T09:00:00.000Z', currency: 'GBP', revenue_minor: 2 ** 50 + 500 },
      { time: '2026-11-22T09:01:00.000Z', currency: 'EUR', revenue_minor: 0 },
      { time: '2026-11-22T09:01:00.000Z', currency: 'GBP', revenue_minor: 0 },
    ])
  })

  test('a range without orders has zeros in the currencies of the shop', async () => {
    const points = await revenuePoints(tables, range('10:00:00', '10:01:00'))
    expect(points.map((point) => [point.currency, point.revenue_minor])).toEqual([
      ['EUR', 0],
      ['GBP', 0],
    ])
  })

  test('one currency can be asked for, seen or not', async () => {
    const minute = range('09:00:00', '09:01:00')
    const euros = await revenuePoints(tables, minute, { currency: 'EUR' })
    expect(euros.map((point) => point.revenue_minor)).toEqual([70])
    const yen = await revenuePoints(tables, minute, { currency: 'JPY' })
    expect(yen).toEqual([{ time: '2026-11-22T09:00:00.000Z', currency: 'JPY', revenue_minor: 0 }])
  })

  test('one category has the revenue of its products', async () => {
    const minute = at('09:30:00')
    const sold = { minute, currency: 'GBP', purchases: 1, _topic: 'commerce.orders' }
    await tables.insert(CATALOGUE, [
      aRow.product({ product_id: 'mug', category: ['kitchen', 'cups'] }),
      aRow.product({ product_id: 'lamp', category: ['home'] }),
    ])
    await tables.insert(PRODUCT_PANES, [
      aRow.productPane({ ...sold, product_id: 'mug', revenue_minor: 300 }),
      aRow.productPane({ ...sold, product_id: 'mug', _partition: 1, revenue_minor: 200 }),
      aRow.productPane({ ...sold, product_id: 'lamp', revenue_minor: 4_000 }),
    ])
    const kitchen = await revenuePoints(tables, range('09:30:00', '09:31:00'), {
      category: 'kitchen',
    })
    expect(kitchen).toEqual([
      { time: '2026-11-22T09:30:00.000Z', currency: 'GBP', revenue_minor: 500 },
    ])
  })

  test('buckets times currencies are held to the limit', async () => {
    const tenThousand = bucketRange({ interval: '1m', from: NOW - 10_000 * 60_000, to: NOW }, NOW)
    await expect(revenuePoints(tables, tenThousand)).rejects.toThrow('20000 points')
    expect(await revenuePoints(tables, tenThousand, { currency: 'GBP' })).toHaveLength(10_000)
  })
})

describe('activity', () => {
  beforeAll(async () => {
    await tables.insert(PRODUCT_PANES, [
      aRow.productPane({ minute: at('07:00:00'), product_id: 'a', views: 3, carts: 1 }),
      aRow.productPane({ minute: at('07:00:00'), product_id: 'b', views: 2, _partition: 3 }),
      aRow.productPane({ minute: at('07:01:00'), product_id: 'a', purchases: 2 }),
    ])
    await tables.insert(RAW_EVENTS, [
      aRow.event({ event_time: at('07:00:00.000'), user_id: 'ann' }),
      aRow.event({ event_time: at('07:00:59.999'), user_id: 'ann', type: 'OrderPlaced' }),
      aRow.event({ event_time: at('07:00:30.000'), anonymous_id: 'ann' }),
      aRow.event({ event_time: at('07:00:30.000'), user_id: 'dup', dup: 1 }),
      aRow.event({ event_time: at('07:00:30.000'), type: 'ProductUpserted' }),
      aRow.event({ event_time: at('07:01:00.000'), user_id: 'ann', anonymous_id: 'x' }),
      aRow.event({ event_time: at('07:01:10.000'), user_id: 'bob' }),
    ])
  })

  test('people are counted once per bucket, at any width', async () => {
    expect(await activityPoints(tables, range('07:00:00', '07:02:00'))).toEqual([
      { time: '2026-11-22T07:00:00.000Z', views: 5, carts: 1, purchases: 0, active_users: 2 },
      { time: '2026-11-22T07:01:00.000Z', views: 0, carts: 0, purchases: 2, active_users: 2 },
    ])
    const [hour] = await activityPoints(tables, range('07:00:00', '08:00:00', '1h'))
    expect(hour).toMatchObject({ views: 5, carts: 1, purchases: 2, active_users: 3 })
  })

  test('active people are those since a time', async () => {
    expect(await activePeople(tables, at('07:01:00.000'))).toBe(2)
    expect(await activePeople(tables, at('07:01:00.001'))).toBe(1)
  })
})

describe('the watermark', () => {
  const write = (...rows: Parameters<typeof aRow.watermark>[0][]) =>
    tables.insert(WATERMARKS, rows.map(aRow.watermark))

  test('is the minimum of the partitions that are not idle', async () => {
    await write(
      { watermark: at('09:00:00.250') },
      { watermark: at('08:00:00'), _partition: 1, idle: 1 },
      { watermark: at('07:00:00'), _topic: 'commerce.activity' },
    )
    expect(await watermarkOf(tables, ['commerce.orders'])).toBe(at('09:00:00.250'))
    expect(await watermarkOf(tables, ['commerce.orders', 'commerce.activity'])).toBe(at('07:00:00'))
  })

  test('is the newest when all are idle', async () => {
    await write({ watermark: at('09:10:00'), idle: 1 })
    expect(await watermarkOf(tables, ['commerce.orders'])).toBe(at('09:10:00'))
  })
})
