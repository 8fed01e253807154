import type { EventInput } from '#schemas/events/json.ts'
import { SeededRandom } from './seeded-random.ts'
import { Shelves, type ShopProduct } from './shelves.ts'
import { Shopper } from './shopper.ts'
import { TimeQueue } from './time-queue.ts'
import { type Act, type Payload, visit } from './visit.ts'

export interface ShopOptions {
  /** The same seed, products and start give the same events. */
  readonly seed: number
  /** All in one currency. */
  readonly products: readonly ShopProduct[]
  /** Mean events per second. */
  readonly ratePerSecond: number
  /** UTC milliseconds of the first visit. It is part of every id, so that two runs never share one. */
  readonly start: number
  /** The people who shop; default 2,000 of its own. */
  readonly userIds?: readonly string[]
  /** Fewer visits at night (UTC), more in the evening; default false. */
  readonly dayRhythm?: boolean
}

/** An event at the moment when it reaches the collector: later than it happened, sometimes for the second time. */
export interface Arrival {
  /** UTC milliseconds. */
  readonly at: number
  readonly event: EventInput
}

/** A shopper in one visit. */
export interface Actor {
  readonly shopper: Shopper
  readonly sessionId: string
  readonly isKnown: boolean
}

const SOURCE = 'simulator'
const USERS = 2_000
/** Mean of `visit` over 100,000 visits, and the repeats; a test of the rate checks it. */
const EVENTS_PER_VISIT = 6.99
/** Visits begin this long before the start, so that the shop is as busy at the start as ever after. */
const WARM_UP_MS = 120_000
const PROMOTION_EVERY_MS = 30_000

/** Deliberate imperfections, as shares of all events. */
const IS_LATE = 0.01
const IS_VERY_LATE = 0.001
const IS_REPEATED = 0.005
const SECOND = 1_000
const MINUTE = 60 * SECOND

/** A shop in which visits begin at random times and unfold event by event, for ever. */
export class Shop {
  readonly #options: ShopOptions
  readonly #random: SeededRandom
  readonly #shelves: Shelves
  readonly #shoppers = new Map<string, Shopper>()
  readonly #agenda = new TimeQueue<() => Arrival | undefined>()
  readonly #idPrefix: string
  #visits = 0
  #events = 0

  /** @throws RangeError without products or users */
  constructor(options: ShopOptions) {
    this.#options = options
    this.#random = new SeededRandom(options.seed)
    this.#shelves = new Shelves(options.products, this.#random)
    this.#idPrefix = `sim-${options.seed.toString(36)}-${options.start.toString(36)}`
    const opening = options.start - WARM_UP_MS
    this.#agenda.push(opening, () => this.#beginVisit(opening))
    this.#promoteFrom(opening)
    while (this.nextDue < options.start) this.step()
  }

  get shelves(): Shelves {
    return this.#shelves
  }

  /** When the next step is due; nothing arrives before it. */
  get nextDue(): number {
    return this.#agenda.nextDue ?? Number.POSITIVE_INFINITY
  }

  /** Does what is due next. Arrivals come in order of time; many steps have none. */
  step(): Arrival | undefined {
    return this.#agenda.pop()?.()
  }

  /** Schedules an act of the actor. */
  schedule(at: number, actor: Actor, payload: Payload): void {
    const event = this.#event(at, actor, payload)
    this.#agenda.push(at, () => ({ at, event }))
  }

  /** The shopper with this id, which determines the tastes. */
  shopper(userId: string): Shopper {
    const known = this.#shoppers.get(userId)
    if (known !== undefined) return known
    const shopper = new Shopper(userId, this.#shelves, this.#options.seed ^ hashOf(userId))
    this.#shoppers.set(userId, shopper)
    return shopper
  }

  #beginVisit(at: number): undefined {
    const { userIds, ratePerSecond } = this.#options
    const next = at + this.#random.exponential((EVENTS_PER_VISIT * SECOND) / ratePerSecond)
    this.#agenda.push(next, () => this.#beginVisit(next))
    if (!this.#random.chance(this.#busyness(at))) return
    const someone = this.#random.below(userIds?.length ?? USERS)
    const shopper = this.shopper(userIds?.[someone] ?? `user-${someone + 1}`)
    const sessionId = `${this.#idPrefix}-s${(this.#visits++).toString(36)}`
    const { shelves } = this
    const acts = visit({ shopper, shelves, random: this.#random, sessionId })
    this.#follow(acts, { at, shopper, sessionId })
  }

  /** Queues the next act of a visit only, so that the agenda holds one entry for each visit under way. */
  #follow(
    acts: Generator<Act, undefined>,
    visitor: Omit<Actor, 'isKnown'> & { readonly at: number },
  ): void {
    const { done, value: act } = acts.next()
    if (done === true) return
    const happens = visitor.at + act.afterMs
    this.#agenda.push(happens, () => {
      this.#follow(acts, visitor)
      const event = this.#event(happens, { ...visitor, isKnown: act.isKnown }, act.payload)
      const arrives = happens + this.#delay()
      this.#agenda.push(arrives, () => ({ at: arrives, event }))
      if (!this.#random.chance(IS_REPEATED)) return
      const again = arrives + this.#random.between(1, 60) * SECOND
      this.#agenda.push(again, () => ({ at: again, event }))
    })
  }

  #event(happens: number, { shopper, sessionId, isKnown }: Actor, payload: Payload): EventInput {
    return {
      ...payload,
      event_id: `${this.#idPrefix}-${(this.#events++).toString(36)}`,
      event_time: Math.floor(happens),
      sent_at: null,
      source: SOURCE,
      user_id: isKnown ? shopper.userId : null,
      anonymous_id: isKnown ? null : `visitor-${sessionId}`,
      session_id: sessionId,
    }
  }

  #delay(): number {
    if (this.#random.chance(IS_VERY_LATE)) return this.#random.between(15, 30) * MINUTE
    if (this.#random.chance(IS_LATE)) return this.#random.between(5, 300) * SECOND
    return this.#random.between(5, 150)
  }

  #promoteFrom(at: number): undefined {
    this.#shelves.promote()
    const next = at + PROMOTION_EVERY_MS
    this.#agenda.push(next, () => this.#promoteFrom(next))
  }

  /** Share of the visits that take place at this time of day: least at 4 in the morning, most at 16 o'clock. */
  #busyness(at: number): number {
    if (this.#options.dayRhythm !== true) return 1
    const hours = (at / (60 * MINUTE)) % 24
    return 0.6 - 0.4 * Math.cos(((hours - 4) / 12) * Math.PI)
  }
}

/** FNV-1a over UTF-16 units. */
function hashOf(text: string): number {
  let hash = 0x811c9dc5
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193)
  return hash
}
