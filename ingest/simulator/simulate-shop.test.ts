import { describe, expect, test } from 'vitest'
import { ManualClock } from '#engines/clock/manual-clock.ts'
import type { EventInput } from '#schemas/events/json.ts'
import { type SimulateShopOptions, simulateShop } from './simulate-shop.ts'

const products = Array.from({ length: 50 }, (_, i) => ({
  product_id: `p${i}`,
  title: `Thing ${i}`,
  category: [`category ${i % 5}`],
  price_minor: 500,
  currency: 'GBP',
}))

/** All events of the shop while the clock runs for that long in steps of 50 ms. */
async function run(ms: number, options: Partial<SimulateShopOptions> = {}) {
  const clock = new ManualClock()
  const stop = new AbortController()
  const batches: { readonly at: number; readonly events: readonly EventInput[] }[] = []
  const { signal } = stop
  const shop = simulateShop({ seed: 5, products, ratePerSecond: 50, clock, signal, ...options })
  const reading = (async () => {
    for await (const events of shop) batches.push({ at: clock.now(), events })
  })()
  for (let passed = 0; passed < ms; passed += 50) await clock.advance(50)
  stop.abort()
  await reading
  return { batches, events: batches.flatMap(({ events }) => events) }
}

describe('simulateShop', () => {
  test('gives the same events for the same seed and the same clock', async () => {
    const one = await run(20_000)
    expect((await run(20_000)).batches).toEqual(one.batches)
    expect((await run(20_000, { seed: 6 })).events).not.toEqual(one.events)
  })

  test('keeps the rate from the start, and sends no event before its time', async () => {
    const { batches, events } = await run(20_000)
    expect(events.length / 20).toBeGreaterThan(35)
    expect(events.length / 20).toBeLessThan(65)
    const early = batches.flatMap(({ at, events: batch }) =>
      batch.filter(({ event_time }) => (event_time ?? 0) > at),
    )
    expect(early).toEqual([])
  })

  test('shows recommendations, has them clicked by taste, and views follow the clicks', async () => {
    const asked: string[] = []
    const { events } = await run(120_000, {
      recommend: (userId) => {
        asked.push(userId)
        const product_ids = ['p0', 'p1', 'p2', 'p3', 'p4', 'unknown']
        return Promise.resolve({ recommendation_id: `r${asked.length}`, product_ids })
      },
    })
    const shown = events.filter((event) => event.type === 'RecommendationsShown')
    const clicked = events.filter((event) => event.type === 'RecommendationClicked')
    expect(shown.length).toBeGreaterThan(100)
    expect(clicked.length).toBeGreaterThan(10)
    expect(clicked.length).toBeLessThan(shown.length)
    const shownTo = new Map(shown.map((event) => [event.recommendation_id, event.user_id]))
    for (const click of clicked) {
      expect(shownTo.get(click.recommendation_id)).toBe(click.user_id)
      expect(['p0', 'p1', 'p2', 'p3', 'p4']).toContain(click.product_id)
    }
  })

  test('goes on without recommendations when there are none', async () => {
    const { events } = await run(10_000, { recommend: () => Promise.resolve(undefined) })
    expect(events.length).toBeGreaterThan(100)
    expect(events.some(({ type }) => type === 'RecommendationsShown')).toBe(false)
  })

  test('a consumer that was away finds the shop where it left it', async () => {
    const clock = new ManualClock()
    const stop = new AbortController()
    const shop = simulateShop({
      seed: 5,
      products,
      ratePerSecond: 50,
      clock,
      signal: stop.signal,
    })
    const next = async () => {
      const asked = shop.next()
      await clock.advance(1_000)
      return (await asked).value ?? []
    }
    await next()
    await clock.advance(3_600_000)
    const [behind, caughtUp] = [await next(), await next()]
    expect(behind.length + caughtUp.length).toBeLessThan(200)
    const newest = Math.max(...caughtUp.map((event: EventInput) => event.event_time ?? 0))
    expect(clock.now() - newest).toBeLessThan(5_000)
    stop.abort()
  })
})
