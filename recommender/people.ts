import { LRUCache } from 'lru-cache'
import type { Context, Purchase } from './context.ts'
import { Purchases } from './purchases.ts'

export interface PeopleLimits {
  readonly people: number
  readonly recentPerPerson: number
  readonly purchases: number
}

/** An empty place: item numbers are stored plus one. */
const EMPTY = 0

/**
 * What is remembered of each person: the newest distinct items with their times, and the purchases. People not seen for
 * longest are forgotten first; the memory is fixed at construction.
 */
export class People {
  readonly #recentPerPerson: number
  readonly #slots: LRUCache<string, number>
  readonly #freeSlots: number[] = []
  #usedSlots = 0
  /** A row for each person, newest first. */
  readonly #recentItems: Uint32Array
  readonly #recentSeconds: Uint32Array
  readonly #purchases: Purchases

  constructor({ people, recentPerPerson, purchases }: PeopleLimits) {
    this.#recentPerPerson = recentPerPerson
    this.#slots = new LRUCache({ max: people, dispose: (slot) => this.#freeSlots.push(slot) })
    this.#recentItems = new Uint32Array(people * recentPerPerson)
    this.#recentSeconds = new Uint32Array(people * recentPerPerson)
    this.#purchases = new Purchases(people, purchases)
  }

  get size(): number {
    return this.#slots.size
  }

  /** The person shows interest in an item, which becomes the newest. */
  see(person: string, item: number, time: number): void {
    const row = this.#slot(person) * this.#recentPerPerson
    const at = moveToFront(this.#recentItems, row, this.#recentPerPerson, item)
    this.#recentSeconds.copyWithin(row + 1, row, at)
    this.#recentSeconds[row] = Math.max(0, Math.floor(time / 1000))
  }

  buy(person: string, item: number): void {
    this.#purchases.add(this.#slot(person), item)
  }

  /** The items of the person's encounters, newest first; those of the same second share an age. */
  recent(person: string): Context {
    const items: number[] = []
    const ages: number[] = []
    const slot = this.#slots.peek(person)
    if (slot === undefined) return { items, ages }
    const row = slot * this.#recentPerPerson
    let age = 0
    for (let at = row; at < row + this.#recentPerPerson; at++) {
      const item = this.#recentItems[at] ?? EMPTY
      if (item === EMPTY) break
      if (at > row && this.#recentSeconds[at] !== this.#recentSeconds[at - 1]) age++
      items.push(item - 1)
      ages.push(age)
    }
    return { items, ages }
  }

  /** What the person bought, newest first, and how many times each. */
  bought(person: string): readonly Purchase[] {
    const slot = this.#slots.peek(person)
    return slot === undefined ? [] : this.#purchases.of(slot)
  }

  forget(person: string): void {
    this.#slots.delete(person)
  }

  #slot(person: string): number {
    const known = this.#slots.get(person)
    if (known !== undefined) return known
    // At capacity the cache gives up its oldest person only once the new one is in.
    if (this.#slots.size >= this.#slots.max) this.#slots.pop()
    const slot = this.#freeSlots.pop() ?? this.#usedSlots++
    this.#slots.set(person, slot)
    this.#clear(slot)
    return slot
  }

  #clear(slot: number): void {
    const row = slot * this.#recentPerPerson
    this.#recentItems.fill(EMPTY, row, row + this.#recentPerPerson)
    this.#purchases.forget(slot)
  }
}

/**
 * Puts an item at the front of its row, from where it stood or in place of the last; returns the index up to which the
 * items before it moved.
 */
function moveToFront(items: Uint32Array, row: number, length: number, item: number): number {
  const stood = items.subarray(row, row + length).indexOf(item + 1)
  const at = row + (stood < 0 ? length - 1 : stood)
  items.copyWithin(row + 1, row, at)
  items[row] = item + 1
  return at
}
