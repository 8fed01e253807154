import { type CommerceEvent, keyOf } from '#schemas/events.ts'

/** Somebody showed interest in products at one moment. */
export interface Interaction {
  /** The user, else the visitor: what the log orders events by. */
  readonly person: string
  /** Null for a visitor who has not said who it is. */
  readonly userId: string | null
  readonly sessionId: string | null
  /** UTC milliseconds. */
  readonly time: number
  readonly productIds: readonly string[]
  readonly bought: boolean
}

/** What an event says of somebody's interest; undefined for events that say nothing of it. */
export function interactionOf(event: CommerceEvent): Interaction | undefined {
  const interest = productsOf(event)
  if (interest === undefined) return undefined
  return {
    person: keyOf(event),
    userId: event.user_id,
    sessionId: event.session_id,
    // A source whose clock is ahead must not age everybody else's events.
    time: Math.min(event.event_time, event.received_at),
    ...interest,
  }
}

function productsOf(event: CommerceEvent): Pick<Interaction, 'productIds' | 'bought'> | undefined {
  switch (event.type) {
    case 'ProductViewed':
    case 'CartItemAdded':
      return { productIds: [event.product_id], bought: false }
    case 'OrderPlaced':
      return { productIds: event.lines.map((line) => line.product_id), bought: true }
    default:
      // What was taken out of a cart was of interest all the same; a click leads to a view, which counts.
      return undefined
  }
}
