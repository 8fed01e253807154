/**
 * Chapter 2: a window.
 *
 * A processor says what one event adds to one pane: a minute of event time, under a key. The pipeline does the rest: it
 * sums, survives a crash, recognises repeats and late events, and writes absolute values, so that a repeated write
 * changes nothing.
 *
 * Read next: processors/order-minutes.ts, pipeline/partition-state.ts, pipeline/panes.ts.
 */
import { expect, test } from 'vitest'
import { window } from '#pipeline/processor.ts'
import { TestDriver, testEvent } from '#pipeline/test-driver.fixture.ts'
import { PRODUCT_PANES } from '#schemas/tables.ts'

/** How often products are put into carts. A real one stands in processors/ and is named in processors/topologies.ts. */
const cartMinutes = window({
  name: 'cart-minutes',
  into: PRODUCT_PANES,
  contributions: (event) =>
    event.type === 'CartItemAdded'
      ? [{ key: { product_id: event.product_id, currency: '' }, add: { carts: 1 } }]
      : [],
})

const MINUTE = 60_000
const NOON = Date.UTC(2026, 10, 29, 12)

function carted(event_id: string, event_time: number) {
  const item = { product_id: 'teapot', quantity: 1, unit_price_minor: 1_295, currency: 'GBP' }
  return testEvent('CartItemAdded', { event_id, event_time, ...item })
}

/** Minutes after noon, and how many carts each has. */
const carts = (driver: TestDriver) =>
  driver.rows(PRODUCT_PANES).map(({ minute, carts }) => [(minute - NOON) / MINUTE, carts])

test('events are counted in the minute in which they happened, in whatever order they come', () => {
  const driver = new TestDriver([cartMinutes])
  driver.send(carted('b', NOON + MINUTE))
  driver.send(carted('a', NOON))
  driver.send(carted('c', NOON + MINUTE + 5_000))
  expect(carts(driver)).toEqual([
    [0, 1],
    [1, 2],
  ])
})

test('an event that comes twice counts once, and is flagged', () => {
  const driver = new TestDriver([cartMinutes])
  expect(driver.send(carted('a', NOON)).dup).toBe(false)
  expect(driver.send(carted('a', NOON)).dup).toBe(true)
  expect(carts(driver)).toEqual([[0, 1]])
})

test('a restart in the middle changes nothing', () => {
  const driver = new TestDriver([cartMinutes])
  driver.send(carted('a', NOON))
  driver.restart()
  driver.send(carted('a', NOON))
  driver.send(carted('b', NOON))
  expect(carts(driver)).toEqual([[0, 2]])
})

test('an event of a minute that has closed is flagged as late: it is counted from the stored rows, not here', () => {
  const driver = new TestDriver([cartMinutes])
  driver.send(carted('a', NOON))
  driver.send(carted('b', NOON + 60 * MINUTE))
  expect(driver.send(carted('c', NOON)).late).toBe(true)
  expect(carts(driver)).toEqual([
    [0, 1],
    [60, 1],
  ])
})
