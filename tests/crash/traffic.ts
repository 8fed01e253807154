import { SeededRandom } from '#ingest/simulator/seeded-random.ts'

/** An event as a producer sends it. */
export interface SentEvent {
  readonly type: string
  readonly event_id: string
  readonly [field: string]: unknown
}

type Payload = Readonly<Record<string, unknown>> & { readonly type: string }

const PEOPLE = 300
const PRODUCTS = 60
const CURRENCIES = ['EUR', 'GBP', 'JPY', 'USD'] as const
const MINUTE = 60_000

/** Events of a shop with everything that makes counting hard: disorder, late events, wrong clocks, several currencies. */
export class Traffic {
  readonly #random: SeededRandom
  readonly #name: string
  #count = 0

  constructor(seed: number, name: string) {
    this.#random = new SeededRandom(seed)
    this.#name = name
  }

  next(now: number): SentEvent {
    this.#count += 1
    return {
      ...this.#payload(),
      ...this.#times(now),
      event_id: `${this.#name}-${this.#count}`,
      user_id: `u${this.#random.below(PEOPLE)}`,
      session_id: `s${this.#random.below(50)}`,
      source: 'crash',
    }
  }

  #payload(): Payload {
    const random = this.#random
    const currency = random.pick(CURRENCIES)
    const draw = random.next()
    if (draw < 0.35) return { type: 'ProductViewed', ...this.#product() }
    if (draw < 0.55) return { type: 'CartItemAdded', ...this.#line(), currency }
    if (draw < 0.6) return { type: 'ProductSearched', query: 'ø "quoted" \\ 茶' }
    const order_id = `${this.#name}-order-${this.#count}`
    if (draw < 0.94) {
      // The same product may be on two lines.
      const lines = Array.from({ length: 1 + random.below(4) }, () => this.#line())
      return { type: 'OrderPlaced', order_id, currency, lines }
    }
    if (draw < 0.97) {
      return {
        type: 'OrderRefunded',
        order_id,
        currency,
        amount_minor: random.below(9_999),
      }
    }
    const title = `Product ${random.below(1_000)}`
    const price = { price_minor: random.below(10_000), currency }
    return {
      type: 'ProductUpserted',
      ...this.#product(),
      title,
      category: ['c'],
      ...price,
    }
  }

  #product(): { readonly product_id: string } {
    return { product_id: `p${this.#random.zipf(PRODUCTS)}` }
  }

  #line() {
    const random = this.#random
    return {
      ...this.#product(),
      quantity: 1 + random.below(5),
      unit_price_minor: random.below(20_000),
    }
  }

  /** Most are of the last minutes; some come too late for their pane, some from years ago, some from wrong clocks. */
  #times(now: number): { readonly event_time: number; readonly sent_at?: number } {
    const random = this.#random
    const draw = random.next()
    if (draw < 0.88) return { event_time: now - random.below(3 * MINUTE) }
    if (draw < 0.93) return { event_time: now - random.below(10 * MINUTE) }
    if (draw < 0.97) return { event_time: now - random.below(120 * MINUTE) }
    if (draw < 0.98) return { event_time: Date.UTC(2001, 0, 1) + random.below(20) * MINUTE }
    if (draw < 0.99) return { event_time: now + 24 * 60 * MINUTE }
    const skew = 45 * MINUTE
    return { event_time: now + skew - random.below(2 * MINUTE), sent_at: now + skew }
  }
}
