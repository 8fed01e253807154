import { type CommerceEvent, type EventType, keyOf } from '#schemas/events.ts'

/**
 * The event types that the recommender learns from. This is the only list of them: the live tail and the SQL of a start
 * both follow it, so that what is learned live is learned again after a restart.
 */
export const LEARNED_TYPES = {
  /** Products. */
  catalogue: ['ProductUpserted', 'ProductRemoved'],
  /**
   * People's interest in products. Removing an item from a cart does not take interest back; a click on a recommendation
   * is followed by a view, which counts.
   */
  interest: ['ProductViewed', 'CartItemAdded', 'OrderPlaced'],
  /** People to forget. */
  erasure: ['UserErased'],
} as const satisfies Readonly<Record<string, readonly EventType[]>>

type Learned = typeof LEARNED_TYPES
export type LearnedEvent = Extract<CommerceEvent, { type: Learned[keyof Learned][number] }>
export type InterestEvent = Extract<CommerceEvent, { type: Learned['interest'][number] }>

const learned: ReadonlySet<string> = new Set(Object.values(LEARNED_TYPES).flat())
const interest: ReadonlySet<string> = new Set(LEARNED_TYPES.interest)

export function isLearned(event: CommerceEvent): event is LearnedEvent {
  return learned.has(event.type)
}

export function isInterest(event: CommerceEvent): event is InterestEvent {
  return interest.has(event.type)
}

/** A person shows interest in products at one moment. */
export interface Interaction {
  /** The user id, else the anonymous id: the key that the log orders events by. */
  readonly person: string
  /** Null for an anonymous visitor. */
  readonly userId: string | null
  readonly sessionId: string | null
  /** UTC milliseconds. */
  readonly time: number
  readonly productIds: readonly string[]
  readonly bought: boolean
}

export function interactionOf(event: InterestEvent): Interaction {
  const bought = event.type === 'OrderPlaced'
  return {
    person: keyOf(event),
    userId: event.user_id,
    sessionId: event.session_id,
    // A source whose clock is ahead must not age everybody else's events.
    time: Math.min(event.event_time, event.received_at),
    productIds: bought ? event.lines.map((line) => line.product_id) : [event.product_id],
    bought,
  }
}
