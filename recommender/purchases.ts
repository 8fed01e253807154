import type { Purchase } from './context.ts'

/** No purchase: purchase numbers start at 1. */
const NONE = 0

/**
 * Who bought what, the newest purchases of all people in one ring of fixed size (8 bytes each). Each points back to the
 * person's purchase before it, as a distance; a distance that reaches beyond the ring means forgotten.
 */
export class Purchases {
  readonly #capacity: number
  readonly #itemOf: Uint32Array
  readonly #backToPerson: Uint32Array
  readonly #newestOf: Float64Array
  #last = NONE

  /** People are slots below `people`. */
  constructor(people: number, capacity: number) {
    this.#capacity = capacity
    this.#itemOf = new Uint32Array(capacity)
    this.#backToPerson = new Uint32Array(capacity)
    this.#newestOf = new Float64Array(people)
  }

  add(person: number, item: number): void {
    const purchase = ++this.#last
    const before = this.#newestOf[person] ?? NONE
    const distance = purchase - before
    this.#itemOf[purchase % this.#capacity] = item
    this.#backToPerson[purchase % this.#capacity] =
      before === NONE || distance >= this.#capacity ? 0 : distance
    this.#newestOf[person] = purchase
  }

  /** Distinct items, newest first, and how many times each was bought. */
  of(person: number): readonly Purchase[] {
    const times = new Map<number, number>()
    let purchase = this.#newestOf[person] ?? NONE
    while (purchase !== NONE && purchase > this.#last - this.#capacity) {
      const item = this.#itemOf[purchase % this.#capacity] ?? 0
      times.set(item, (times.get(item) ?? 0) + 1)
      const distance = this.#backToPerson[purchase % this.#capacity] ?? 0
      purchase = distance === 0 ? NONE : purchase - distance
    }
    return Array.from(times, ([item, count]) => ({ item, times: count }))
  }

  forget(person: number): void {
    this.#newestOf[person] = NONE
  }
}
