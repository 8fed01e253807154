import type { CommerceEvent, EventOf } from '#schemas/events.ts'

/** Events for tests: each a second after the one before, received when it happened. */
let made = 0
const START = Date.UTC(2026, 0, 1)

function header(person: string) {
  const time = START + ++made * 1000
  return {
    event_id: `event-${made}`,
    event_time: time,
    sent_at: null,
    received_at: time,
    source: 'test',
    user_id: person,
    anonymous_id: null,
    session_id: null,
  }
}

export function view(
  person: string,
  productId: string,
  more: Partial<EventOf<'ProductViewed'>> = {},
): CommerceEvent {
  return { type: 'ProductViewed', ...header(person), product_id: productId, ...more }
}

export function order(person: string, productIds: readonly string[]): CommerceEvent {
  const lines = productIds.map((id) => ({ product_id: id, quantity: 1, unit_price_minor: 100 }))
  const event_header = header(person)
  return {
    type: 'OrderPlaced',
    ...event_header,
    order_id: event_header.event_id,
    currency: 'GBP',
    lines,
  }
}

export function product(
  facts: Partial<EventOf<'ProductUpserted'>> & { readonly product_id: string },
): CommerceEvent {
  return {
    type: 'ProductUpserted',
    ...header(''),
    user_id: null,
    title: `The ${facts.product_id}`,
    category: [],
    price_minor: 100,
    currency: 'GBP',
    brand: null,
    description: null,
    stock: null,
    image_url: null,
    ...facts,
  }
}
