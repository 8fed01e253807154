/** Items beyond this many distinct ones in a session are not recorded: such sessions are bots or wholesalers. */
export const SESSION_ITEMS_MAX = 40

/** No click: click numbers start at 1. */
export const NO_CLICK = 0

export interface SessionIndexLimits {
  /** Newest clicks kept; older ones fall out of the ring, 16 bytes each. */
  readonly clicks: number
  /** Newest sessions kept, 17 bytes each. */
  readonly sessions: number
  readonly items: number
}

/**
 * Which sessions contain which item, newest first, in memory fixed at construction.
 *
 * One ring holds the newest clicks in order of arrival. Each click points back to the click before it of the same item
 * and to the click before it of the same session, as a distance; what a pointer reaches beyond the ring is gone. So
 * learning is O(1), forgetting costs nothing, and the newest m sessions of an item are m steps along one chain.
 */
export class SessionIndex {
  readonly #clicks: number
  readonly #sessions: number
  /** Storage is a power of two, so that a place in it is a mask away; division would be most of the work. */
  readonly #clickMask: number
  readonly #sessionMask: number
  readonly #itemOf: Uint32Array
  readonly #sessionOf: Uint32Array
  readonly #backToItem: Uint32Array
  readonly #backToSession: Uint32Array
  readonly #newestOfItem: Float64Array
  readonly #newestOfSession: Float64Array
  readonly #lengthOfSession: Uint8Array
  readonly #timeOfSession: Float64Array
  readonly #sessionsOfItem: Uint32Array
  #lastClick = NO_CLICK
  #lastSession = 0

  constructor({ clicks, sessions, items }: SessionIndexLimits) {
    this.#clicks = clicks
    this.#sessions = sessions
    const clickSlots = powerOfTwo(clicks)
    const sessionSlots = powerOfTwo(sessions)
    this.#clickMask = clickSlots - 1
    this.#sessionMask = sessionSlots - 1
    this.#itemOf = new Uint32Array(clickSlots)
    this.#sessionOf = new Uint32Array(clickSlots)
    this.#backToItem = new Uint32Array(clickSlots)
    this.#backToSession = new Uint32Array(clickSlots)
    this.#newestOfItem = new Float64Array(items)
    this.#newestOfSession = new Float64Array(sessionSlots)
    this.#lengthOfSession = new Uint8Array(sessionSlots)
    this.#timeOfSession = new Float64Array(sessionSlots)
    this.#sessionsOfItem = new Uint32Array(items)
  }

  /** How many sessions were ever opened. */
  get sessionCount(): number {
    return this.#lastSession
  }

  /** Sessions are kept in this many slots; `slotOf` a session is a stable index below it while the session lives. */
  get sessionSlots(): number {
    return this.#sessionMask + 1
  }

  slotOf(session: number): number {
    return session & this.#sessionMask
  }

  open(): number {
    const session = ++this.#lastSession
    const slot = this.slotOf(session)
    this.#newestOfSession[slot] = NO_CLICK
    this.#lengthOfSession[slot] = 0
    return session
  }

  /** False once a newer session took its slot; its clicks may outlive it in the ring. */
  isKept(session: number): boolean {
    return session > this.#lastSession - this.#sessions
  }

  /** Whether the session can still grow: it is kept, and so are clicks of it, if it had any. */
  isAlive(session: number): boolean {
    if (!this.isKept(session)) return false
    return (
      this.#lengthOfSession[this.slotOf(session)] === 0 || this.newestClick(session) !== NO_CLICK
    )
  }

  /** Records an item of a live session; a repeat within the session, or one item too many, is not recorded. */
  append(session: number, item: number, time: number): void {
    const slot = this.slotOf(session)
    this.#timeOfSession[slot] = time
    const length = this.#lengthOfSession[slot] ?? 0
    if (length >= SESSION_ITEMS_MAX || this.#contains(session, item)) return

    const click = ++this.#lastClick
    const at = click & this.#clickMask
    this.#itemOf[at] = item
    this.#sessionOf[at] = session
    this.#backToItem[at] = this.#distance(click, this.#newestOfItem[item] ?? NO_CLICK)
    this.#backToSession[at] = this.#distance(click, this.#newestOfSession[slot] ?? NO_CLICK)
    this.#newestOfItem[item] = click
    this.#newestOfSession[slot] = click
    this.#lengthOfSession[slot] = length + 1
    this.#sessionsOfItem[item] = (this.#sessionsOfItem[item] ?? 0) + 1
  }

  /** The newest click on an item that is still kept, or NO_CLICK. */
  newestClickOn(item: number): number {
    return this.#kept(this.#newestOfItem[item] ?? NO_CLICK)
  }

  earlierClickOn(click: number): number {
    return this.#back(click, this.#backToItem[click & this.#clickMask] ?? 0)
  }

  newestClick(session: number): number {
    return this.#kept(this.#newestOfSession[this.slotOf(session)] ?? NO_CLICK)
  }

  earlierClick(click: number): number {
    return this.#back(click, this.#backToSession[click & this.#clickMask] ?? 0)
  }

  item(click: number): number {
    return this.#itemOf[click & this.#clickMask] ?? 0
  }

  session(click: number): number {
    return this.#sessionOf[click & this.#clickMask] ?? 0
  }

  /** Distinct items recorded. */
  length(session: number): number {
    return this.#lengthOfSession[this.slotOf(session)] ?? 0
  }

  /** UTC milliseconds of the session's newest event. */
  time(session: number): number {
    return this.#timeOfSession[this.slotOf(session)] ?? 0
  }

  /** How many sessions ever had the item. */
  sessionsWith(item: number): number {
    return this.#sessionsOfItem[item] ?? 0
  }

  #contains(session: number, item: number): boolean {
    let click = this.newestClick(session)
    for (; click !== NO_CLICK; click = this.earlierClick(click))
      if (this.item(click) === item) return true
    return false
  }

  #distance(click: number, earlier: number): number {
    const distance = earlier === NO_CLICK ? 0 : click - earlier
    return distance < this.#clicks ? distance : 0
  }

  #back(click: number, distance: number): number {
    return distance === 0 ? NO_CLICK : this.#kept(click - distance)
  }

  #kept(click: number): number {
    return click > this.#lastClick - this.#clicks ? click : NO_CLICK
  }
}

/** The lowest that is not below `capacity`. */
function powerOfTwo(capacity: number): number {
  return 2 ** Math.ceil(Math.log2(capacity))
}
