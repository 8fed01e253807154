import { expect, test } from 'vitest'
import { TestDriver, testEvent } from '#pipeline/test-driver.fixture.ts'
import { ORDER_PANES, PRODUCT_PANES } from '#schemas/tables.ts'
import { orderMinutes } from './order-minutes.ts'
import { productMinutes } from './product-minutes.ts'

const T0 = 1_700_000_040_000 // the start of a minute

const order = (event_id: string, currency: string, lines: readonly [string, number, number][]) =>
  testEvent('OrderPlaced', {
    event_id,
    event_time: T0,
    order_id: `order of ${event_id}`,
    currency,
    lines: lines.map(([product_id, quantity, unit_price_minor]) => ({
      product_id,
      quantity,
      unit_price_minor,
    })),
  })

test('orders are summed by currency, with refunds beside the revenue', () => {
  const driver = new TestDriver([orderMinutes])
  driver.send(
    order('a', 'GBP', [
      ['p1', 2, 150],
      ['p2', 1, 99],
    ]),
  )
  driver.send(order('b', 'GBP', [['p1', 1, 150]]))
  driver.send(order('c', 'JPY', [['p1', 3, 500]]))
  const refund = {
    event_id: 'r',
    event_time: T0,
    order_id: 'x',
    currency: 'GBP',
    amount_minor: 150,
  }
  driver.send(testEvent('OrderRefunded', refund))
  expect(driver.rows(ORDER_PANES)).toMatchObject([
    { currency: 'GBP', orders: 2, units: 4, revenue_minor: 549, refunds: 1, refunded_minor: 150 },
    { currency: 'JPY', orders: 1, units: 3, revenue_minor: 1_500, refunds: 0, refunded_minor: 0 },
  ])
})

test('a product gathers views, carts and a purchase for each line; money stands by currency', () => {
  const driver = new TestDriver([productMinutes])
  const at = { event_time: T0, product_id: 'p1' }
  driver.send(testEvent('ProductViewed', { event_id: 'v1', ...at }))
  driver.send(testEvent('ProductViewed', { event_id: 'v2', ...at }))
  driver.send(
    testEvent('CartItemAdded', {
      event_id: 'c',
      ...at,
      quantity: 5,
      unit_price_minor: 10,
      currency: 'GBP',
    }),
  )
  driver.send(
    order('o', 'GBP', [
      ['p1', 2, 10],
      ['p1', 1, 9],
    ]),
  )
  expect(driver.rows(PRODUCT_PANES)).toMatchObject([
    {
      product_id: 'p1',
      currency: '',
      views: 2,
      carts: 1,
      purchases: 0,
      units: 0,
      revenue_minor: 0,
    },
    {
      product_id: 'p1',
      currency: 'GBP',
      views: 0,
      carts: 0,
      purchases: 2,
      units: 3,
      revenue_minor: 29,
    },
  ])
})

test('events that are neither counted nor sold make no pane', () => {
  const driver = new TestDriver([orderMinutes, productMinutes])
  driver.send(testEvent('OrderPaid', { event_id: 'p', event_time: T0, order_id: 'o' }))
  driver.send(
    testEvent('ProductSearched', { event_id: 's', event_time: T0, query: 'q', results: null }),
  )
  expect([...driver.rows(ORDER_PANES), ...driver.rows(PRODUCT_PANES)]).toEqual([])
})
