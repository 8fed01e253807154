import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { CommerceEvent } from '#schemas/events.ts'
import { PRODUCT_PANES } from '#schemas/tables.ts'
import { window } from './processor.ts'
import { TestDriver, testEvent } from './test-driver.fixture.ts'
import { ALLOWED_LATENESS_MS, OUT_OF_ORDERNESS_MS, PANE_MS, paneOf } from './watermark.ts'

const T0 = 1_700_000_040_000 // the start of a minute

const views = window({
  name: 'views',
  into: PRODUCT_PANES,
  contributions: (event) =>
    event.type === 'ProductViewed'
      ? [{ key: { product_id: event.product_id, currency: '' }, add: { views: 1 } }]
      : [],
})

const view = (event_id: string, event_time: number, product_id = 'p1', received_at = event_time) =>
  testEvent('ProductViewed', { event_id, event_time, received_at, product_id })

test('events are summed by minute and key, with the last offset applied as the version', () => {
  const driver = new TestDriver([views])
  driver.send(view('a', T0))
  driver.send(view('b', T0 + 59_999, 'p2'))
  driver.send(view('c', T0 + 1, 'p1'))
  driver.send(view('d', T0 + 60_000))
  expect(
    driver.rows(PRODUCT_PANES).map((row) => [row.minute, row.product_id, row.views, row.ver]),
  ).toEqual([
    [T0, 'p1', 2, 2],
    [T0, 'p2', 1, 1],
    [T0 + PANE_MS, 'p1', 1, 3],
  ])
})

test('a repeat is flagged as such and not counted', () => {
  const driver = new TestDriver([views])
  expect(driver.send(view('a', T0)).dup).toBe(false)
  expect(driver.send(view('a', T0)).dup).toBe(true)
  expect(driver.rows(PRODUCT_PANES).map((row) => row.views)).toEqual([1])
})

test('within the allowed lateness a pane is written again; after it an event is late and its minute waits for repair', () => {
  const driver = new TestDriver([views])
  driver.send(view('a', T0))
  const closes = T0 + PANE_MS + ALLOWED_LATENESS_MS + OUT_OF_ORDERNESS_MS
  driver.send(view('b', closes - 1))
  expect(driver.send(view('c', T0 + 5)).late).toBe(false)
  driver.send(view('d', closes))
  expect(driver.send(view('e', T0 + 6)).late).toBe(true)
  expect(driver.state.lateMinutes).toEqual([T0])
  expect(driver.rows(PRODUCT_PANES)[0]).toMatchObject({ minute: T0, views: 2 })
  driver.state.repaired([T0])
  expect(driver.state.lateMinutes).toEqual([])
})

test('a late repeat asks for no repair', () => {
  const driver = new TestDriver([views])
  driver.send(view('a', T0))
  driver.send(view('b', T0 + 30 * PANE_MS))
  expect(driver.send(view('a', T0, 'p1', T0 + 30 * PANE_MS))).toMatchObject({
    late: true,
    dup: true,
  })
  expect(driver.state.lateMinutes).toEqual([])
})

test('an event that a window cannot take leaves the state as it was', () => {
  const picky = window({
    name: 'picky',
    into: PRODUCT_PANES,
    contributions(event) {
      if (event.event_id === 'bad') throw new RangeError('cannot take this')
      return []
    },
  })
  const driver = new TestDriver([views, picky])
  driver.send(view('a', T0))
  expect(() => driver.send(view('bad', T0))).toThrow('cannot take this')
  expect(driver.state.offset).toBe(1)
  expect(driver.rows(PRODUCT_PANES).map((row) => row.views)).toEqual([1])
})

test('an event with a number that cannot be counted exactly is refused, and a sum stops at the largest exact number', () => {
  const price = window({
    name: 'price',
    into: PRODUCT_PANES,
    contributions: (event) => [
      {
        key: { product_id: 'p1', currency: 'EUR' },
        add: { revenue_minor: event.event_id === 'huge' ? 1e18 : 6e15 },
      },
    ],
  })
  const driver = new TestDriver([price])
  driver.send(view('a', T0))
  expect(() => driver.send(view('huge', T0))).toThrow(
    'cannot count revenue_minor = 1000000000000000000',
  )
  driver.send(view('b', T0))
  expect(driver.rows(PRODUCT_PANES).map((row) => row.revenue_minor)).toEqual([
    Number.MAX_SAFE_INTEGER,
  ])
})

test('a flag that was stored stands', () => {
  const { state } = new TestDriver([views])
  expect(state.apply(view('a', T0), 0, { dup: true }).dup).toBe(true)
  expect(state.apply(view('a', T0), 1).dup).toBe(true)
})

const stream = fc.array(
  fc.record({
    id: fc.nat({ max: 60 }),
    minutes: fc.integer({ min: -30, max: 5 }),
    product: fc.constantFrom('p1', 'p2', 'p3'),
  }),
  { minLength: 1, maxLength: 120 },
)
type Stream = readonly { id: number; minutes: number; product: string }[]
const toViews = (steps: Stream) =>
  steps.map(({ id, minutes, product }, i) =>
    view(`e${id}`, T0 + i * 20_000 + minutes * PANE_MS, product, T0 + i * 20_000),
  )

/** The rows by minute and product, without when their events arrived: that depends on when panes are written. */
const counts = (driver: TestDriver) =>
  new Map(
    driver
      .rows(PRODUCT_PANES)
      .map((row) => [`${row.minute} ${row.product_id}`, { ...row, received_at: 0 }]),
  )

test('stopping and restarting from a snapshot after every k-th event changes nothing', () => {
  fc.assert(
    fc.property(stream, fc.integer({ min: 1, max: 10 }), (steps, k) => {
      const through = new TestDriver([views])
      const restarted = new TestDriver([views])
      for (const [i, event] of toViews(steps).entries()) {
        expect(restarted.send(event)).toEqual(through.send(event))
        if (i % k === 0) restarted.restart()
        if (i % 3 === 0) restarted.flush()
      }
      expect(counts(restarted)).toEqual(counts(through))
      expect(restarted.state.lateMinutes).toEqual(through.state.lateMinutes)
    }),
    { numRuns: 50 },
  )
})

test('without a snapshot, starting from the low-water mark gives the same flags and panes from there on', () => {
  fc.assert(
    fc.property(stream, fc.nat(), (steps, at) => {
      const events = toViews(steps)
      const crash = at % events.length
      const through = new TestDriver([views])
      const classified = events.slice(0, crash).map((event) => through.send(event))
      through.flush()
      const low = through.state.lowWater
      const recovered = new TestDriver([views], low)
      for (let offset = low.offset; offset < crash; offset++) {
        const event = events[offset]
        const before = classified[offset]
        if (event !== undefined && before !== undefined)
          recovered.state.apply(event, offset, before)
      }
      const rest = (driver: TestDriver) => events.slice(crash).map((event) => driver.send(event))
      expect(rest(recovered)).toEqual(rest(through))
      const before = counts(through)
      for (const [key, row] of counts(recovered)) expect(row).toEqual(before.get(key))
      expect(recovered.state.lateMinutes).toEqual(through.state.lateMinutes)
    }),
    { numRuns: 200 },
  )
})

test('without a snapshot, panes whose first events lie before the low-water mark come out whole', () => {
  // Hours, so that the duplicate filter has forgotten the beginning; minutes overlap, so that one straddles the mark.
  const backwards = fc.array(fc.integer({ min: -8, max: 0 }), { minLength: 130, maxLength: 300 })
  fc.assert(
    fc.property(backwards, (steps) => {
      const events = steps.map((minutes, i) =>
        view(`e${i}`, T0 + (i + minutes) * PANE_MS, 'p1', T0 + i * PANE_MS),
      )
      const through = new TestDriver([views])
      for (const event of events) {
        through.send(event)
        through.flush()
      }
      const low = through.state.lowWater
      expect(low.offset).toBeGreaterThan(0)
      const recovered = new TestDriver([views], low)
      for (let i = low.offset; i < events.length; i++)
        recovered.state.apply(events[i] as CommerceEvent, i)
      recovered.state.recountClosed()

      const sums = (driver: TestDriver) =>
        new Map(driver.rows(PRODUCT_PANES).map(({ minute, views: sum }) => [minute, sum]))
      const whole = sums(through)
      for (const [minute, sum] of sums(recovered)) expect(sum).toBe(whole.get(minute))
      const written = new Set([...sums(recovered).keys(), ...recovered.state.lateMinutes])
      for (const { event_time } of events.slice(low.offset))
        expect(written).toContain(paneOf(event_time))
    }),
    { numRuns: 50 },
  )
})
