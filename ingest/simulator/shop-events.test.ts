import { describe, expect, test } from 'vitest'
import { checkEvent } from '#ingest/collector/check-event.ts'
import type { EventInput } from '#schemas/events/json.ts'
import type { ShopProduct } from './shelves.ts'
import type { Arrival, ShopOptions } from './shop.ts'
import { shopEvents } from './shop-events.ts'

const products: readonly ShopProduct[] = Array.from({ length: 400 }, (_, i) => ({
  product_id: `p${i}`,
  title: `Thing number ${i}`,
  category: [`category ${i % 8}`],
  price_minor: 100 + ((i * 37) % 900),
  currency: 'GBP',
}))
const start = Date.UTC(2026, 10, 22, 12)
const MINUTE = 60_000

function take(count: number, options: Partial<ShopOptions> = {}): readonly Arrival[] {
  const taken: Arrival[] = []
  for (const arrival of shopEvents({ seed: 1, products, ratePerSecond: 20, start, ...options })) {
    if (taken.length === count) break
    taken.push(arrival)
  }
  return taken
}

const arrivals = take(60_000)
const events = arrivals.map(({ event }) => event)

function share(is: (event: EventInput) => boolean): number {
  return events.filter(is).length / events.length
}

/** Views by product, for arrivals in a stretch of milliseconds from the start. */
function viewsBetween(from: number, to: number): ReadonlyMap<string, number> {
  const counts = new Map<string, number>()
  for (const { at, event } of arrivals) {
    if (event.type !== 'ProductViewed' || at < start + from || at >= start + to) continue
    counts.set(event.product_id, (counts.get(event.product_id) ?? 0) + 1)
  }
  return counts
}

describe('the simulated shop', () => {
  test('is the same for the same seed, and another for another', () => {
    expect(take(2_000)).toEqual(arrivals.slice(0, 2_000))
    const ids = new Set(events.map(({ event_id }) => event_id))
    const others = take(2_000, { seed: 2 })
    expect(others.filter(({ event }) => ids.has(event.event_id))).toEqual([])
  })

  test('shares no id with a run that starts at another time', () => {
    const ids = new Set(events.map(({ event_id }) => event_id))
    const later = take(2_000, { start: start + 1 })
    expect(later.filter(({ event }) => ids.has(event.event_id))).toEqual([])
  })

  test('sends only what the collector accepts', () => {
    const faults = events.map(checkEvent).filter((checked) => 'fault' in checked)
    expect(faults).toEqual([])
  })

  test('keeps to the rate from the first minute on, in the order of arrival', () => {
    const firstMinute = arrivals.filter(({ at }) => at < start + MINUTE).length
    expect(firstMinute / 60).toBeGreaterThan(16)
    expect(firstMinute / 60).toBeLessThan(24)
    const seconds = ((arrivals.at(-1)?.at ?? 0) - start) / 1_000
    expect(arrivals.length / seconds).toBeGreaterThan(19)
    expect(arrivals.length / seconds).toBeLessThan(21)
    const times = arrivals.map(({ at }) => at)
    expect(times).toEqual(times.toSorted((one, other) => one - other))
  })

  test('sees more views than searches, carts, checkouts and orders, in believable shares', () => {
    const shares = {
      view: share(({ type }) => type === 'ProductViewed'),
      search: share(({ type }) => type === 'ProductSearched'),
      cart: share(({ type }) => type === 'CartItemAdded'),
      order: share(({ type }) => type === 'OrderPlaced'),
      cancelled: share(({ type }) => type === 'OrderCancelled'),
    }
    expect(shares.view).toBeCloseTo(0.8, 1)
    expect(shares.search).toBeCloseTo(0.12, 1)
    expect(shares.cart).toBeCloseTo(0.036, 2)
    expect(shares.order).toBeCloseTo(0.009, 2)
    expect(shares.order).toBeGreaterThan(0.005)
    expect(shares.cancelled).toBeGreaterThan(0)
  })

  test('has late events and repeated ones, a few', () => {
    const late = arrivals.filter(({ at, event }) => at - (event.event_time ?? at) > 4_000)
    const veryLate = arrivals.filter(({ at, event }) => at - (event.event_time ?? at) > 10 * MINUTE)
    const repeated = events.length - new Set(events.map(({ event_id }) => event_id)).size
    expect(late.length / events.length).toBeCloseTo(0.015, 2)
    expect(veryLate.length).toBeGreaterThan(20)
    expect(repeated / events.length).toBeCloseTo(0.005, 3)
  })

  test('has people with tastes: most of what one views is of a few categories', () => {
    const views = new Map<string, string[]>()
    for (const event of events) {
      if (event.type !== 'ProductViewed' || event.user_id === null) continue
      const category = `c${Number(event.product_id.slice(1)) % 8}`
      views.set(event.user_id, [...(views.get(event.user_id) ?? []), category])
    }
    const shares = [...views.values()]
      .filter((categories) => categories.length >= 20)
      .map((categories) => {
        const counts = Object.values(Object.groupBy(categories, (each) => each))
        const largest = counts
          .map((each) => each?.length ?? 0)
          .toSorted((one, other) => other - one)
        return ((largest[0] ?? 0) + (largest[1] ?? 0) + (largest[2] ?? 0)) / categories.length
      })
    expect(shares.length).toBeGreaterThan(100)
    // Three of eight categories would hold .375 of a person without tastes, and .6 at most by chance in 20 views.
    expect(shares.reduce((sum, each) => sum + each, 0) / shares.length).toBeGreaterThan(0.8)
  })

  test('has a few popular products and many that are seldom seen', () => {
    const counts = [...viewsBetween(0, 60 * MINUTE).values()].toSorted((one, other) => other - one)
    const sum = (list: readonly number[]) => list.reduce((total, each) => total + each, 0)
    expect(sum(counts.slice(0, 40)) / sum(counts)).toBeGreaterThan(0.3)
  })

  test('has movers: what is viewed most changes within minutes', () => {
    const top = (from: number, to: number) =>
      [...viewsBetween(from, to)]
        .toSorted(([, one], [, other]) => other - one)
        .slice(0, 10)
        .map(([id]) => id)
    const before = top(0, 15 * MINUTE)
    const stayed = top(30 * MINUTE, 45 * MINUTE).filter((id) => before.includes(id))
    expect(stayed.length).toBeGreaterThan(0)
    expect(stayed.length).toBeLessThan(9)
  })

  test('is quiet at night when it follows the day', () => {
    const at = (hour: number) =>
      take(3_000, { dayRhythm: true, start: Date.UTC(2026, 0, 1, hour) }).at(-1)?.at ?? 0
    const night = at(4) - Date.UTC(2026, 0, 1, 4)
    const afternoon = at(16) - Date.UTC(2026, 0, 1, 16)
    expect(night / afternoon).toBeGreaterThan(3)
  })

  test('lets the people named shop', () => {
    const named = take(3_000, { userIds: ['ada', 'bob'] })
    const users = new Set(named.map(({ event }) => event.user_id))
    expect(users).toEqual(new Set(['ada', 'bob', null]))
  })

  test('needs products', () => {
    expect(() => take(1, { products: [] })).toThrow('a shop without products cannot be simulated')
  })
})
