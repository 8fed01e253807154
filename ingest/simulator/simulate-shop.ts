import type { Clock } from '#engines/clock/port.ts'
import type { EventInput } from '#schemas/events/json.ts'
import { type Recommend, RecommendationVisitor } from './recommendation-visitor.ts'
import { type Arrival, Shop, type ShopOptions } from './shop.ts'

export interface SimulateShopOptions extends Omit<ShopOptions, 'start'> {
  readonly clock: Clock
  readonly signal: AbortSignal
  /** Called for some of the people who view a product; what it returns is shown to them, and sometimes clicked. */
  readonly recommend?: Recommend
}

/** Events that fall due within this time travel together. */
const BATCH_MS = 100
const BATCH_EVENTS_MAX = 1_000
/** A consumer that stays away for longer finds the shop where it left it, instead of everything that it missed. */
const LAG_MS_MAX = 10_000

/** The events of a simulated shop, in batches as the clock reaches them. Ends when the signal aborts. */
export async function* simulateShop(
  options: SimulateShopOptions,
): AsyncGenerator<readonly EventInput[], undefined> {
  const { clock, signal, recommend } = options
  const shop = new Shop({ ...options, start: clock.now() })
  const visitor = recommend && new RecommendationVisitor({ shop, recommend, seed: options.seed })
  // What the clock is ahead of the shop's own time.
  let pausedMs = 0
  while (!signal.aborted) {
    await clock.sleep(Math.max(BATCH_MS, shop.nextDue + pausedMs - clock.now()), signal)
    const lag = clock.now() - pausedMs - shop.nextDue
    if (lag > LAG_MS_MAX) pausedMs += lag
    const batch = takeDue(shop, clock.now() - pausedMs)
    if (batch.length === 0 || signal.aborted) continue
    yield batch.map(({ event }) => later(event, pausedMs))
    await visitor?.react(batch, signal)
  }
}

function takeDue(shop: Shop, now: number): Arrival[] {
  const batch: Arrival[] = []
  while (shop.nextDue <= now && batch.length < BATCH_EVENTS_MAX) {
    const arrival = shop.step()
    if (arrival !== undefined) batch.push(arrival)
  }
  return batch
}

function later(event: EventInput, ms: number): EventInput {
  return ms === 0 || event.event_time === null
    ? event
    : { ...event, event_time: event.event_time + ms }
}
