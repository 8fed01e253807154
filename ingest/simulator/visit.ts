import type { CommerceEvent } from '#schemas/events.ts'
import type { SeededRandom } from './seeded-random.ts'
import type { Shelves, ShopProduct } from './shelves.ts'
import type { Shopper } from './shopper.ts'

/** What an event adds to the header, with its type. */
export type Payload<E extends CommerceEvent = CommerceEvent> = E extends CommerceEvent
  ? Omit<E, HeaderField>
  : never
type HeaderField =
  | 'event_id'
  | 'event_time'
  | 'sent_at'
  | 'received_at'
  | 'source'
  | 'user_id'
  | 'anonymous_id'
  | 'session_id'

/** One thing done in a visit. `afterMs` since it began; `isKnown` once the shop knows who it is. */
export interface Act {
  readonly afterMs: number
  readonly isKnown: boolean
  readonly payload: Payload
}

export interface VisitOptions {
  readonly shopper: Shopper
  readonly shelves: Shelves
  readonly random: SeededRandom
  /** Unique to the visit; its order is named after it. */
  readonly sessionId: string
}

/** Probabilities of an average shop: about one visit in five fills a cart, one in twenty ends in an order. */
const IS_LOGGED_IN = 0.6
const GOES_ON = 0.82
const SEARCHES = 0.15
const ADDS_TO_CART = 0.045
const TAKES_OUT_AGAIN = 0.1
const CHECKS_OUT = 0.45
const ORDERS = 0.7
const CANCELS = 0.04
const IS_REFUNDED = 0.03

const SECOND = 1_000
const MINUTE = 60 * SECOND

/** One visit to the shop from the first look to what becomes of the order, in the order of time. */
export function* visit(options: VisitOptions): Generator<Act, undefined> {
  const { shopper, shelves, random } = options
  const cart: CartLine[] = []
  const isLoggedIn = random.chance(IS_LOGGED_IN)
  let afterMs = 0
  let last: ShopProduct | undefined
  const act = (payload: Payload, isKnown = isLoggedIn): Act => ({ afterMs, isKnown, payload })

  do {
    const product: ShopProduct = shopper.choose(shelves, random, last)
    if (random.chance(SEARCHES)) {
      const query = (product.title.split(' ').at(-1) ?? '').toLowerCase()
      yield act({ type: 'ProductSearched', query, results: 1 + random.below(60) })
      afterMs += random.exponential(4 * SECOND)
    }
    yield act({ type: 'ProductViewed', product_id: product.product_id })
    afterMs += random.exponential(15 * SECOND)
    if (random.chance(ADDS_TO_CART)) {
      const line = cartLine(product, random)
      cart.push(line)
      yield act({ type: 'CartItemAdded', ...line, currency: product.currency })
      afterMs += random.exponential(5 * SECOND)
    }
    last = product
  } while (random.chance(GOES_ON))

  const [first] = cart
  if (first !== undefined && random.chance(TAKES_OUT_AGAIN)) {
    cart.shift()
    const { product_id, quantity } = first
    yield act({ type: 'CartItemRemoved', product_id, quantity })
  }
  if (cart.length === 0 || last === undefined || !random.chance(CHECKS_OUT)) return
  afterMs += random.exponential(20 * SECOND)
  yield act({ type: 'CheckoutStarted', cart_id: null })
  if (!random.chance(ORDERS)) return
  for (const { waitMs, payload } of order(cart, last.currency, options)) {
    afterMs += waitMs
    yield act(payload, true)
  }
}

type CartLine = { product_id: string; quantity: number; unit_price_minor: number }

function cartLine(product: ShopProduct, random: SeededRandom): CartLine {
  const { product_id, price_minor: unit_price_minor } = product
  return { product_id, quantity: 1 + random.zipf(6), unit_price_minor }
}

interface Step {
  readonly waitMs: number
  readonly payload: Payload
}

/** An order and what becomes of it, within minutes, so that a spectator sees all of it. */
function* order(
  lines: CartLine[],
  currency: string,
  { random, sessionId }: VisitOptions,
): Generator<Step> {
  const order_id = `order-${sessionId}`
  yield {
    waitMs: random.between(10, 60) * SECOND,
    payload: { type: 'OrderPlaced', order_id, currency, lines },
  }
  if (random.chance(CANCELS)) {
    const payload: Payload = { type: 'OrderCancelled', order_id, reason: 'customer' }
    yield { waitMs: random.exponential(2 * MINUTE), payload }
    return
  }
  yield { waitMs: random.between(1, 5) * SECOND, payload: { type: 'OrderPaid', order_id } }
  yield { waitMs: random.exponential(5 * MINUTE), payload: { type: 'OrderShipped', order_id } }
  if (!random.chance(IS_REFUNDED)) return
  const amount_minor = lines.reduce((sum, line) => sum + line.quantity * line.unit_price_minor, 0)
  yield {
    waitMs: random.exponential(10 * MINUTE),
    payload: { type: 'OrderRefunded', order_id, currency, amount_minor },
  }
}
