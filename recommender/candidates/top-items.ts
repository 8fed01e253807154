/**
 * The heaviest items in order, kept up to date one item at a time. Exact as long as weights only grow, which forward
 * decay makes so: an item outside can never outweigh one inside without being offered. Ties: the lower number first.
 */
export class TopItems {
  readonly #capacity: number
  readonly #weight: (item: number) => number
  readonly #items: number[] = []
  readonly #places = new Map<number, number>()

  constructor(capacity: number, weight: (item: number) => number) {
    this.#capacity = capacity
    this.#weight = weight
  }

  get items(): readonly number[] {
    return this.#items
  }

  /** To be called after each change of an item's weight. */
  offer(item: number): void {
    let place = this.#places.get(item)
    if (place === undefined) {
      const last = this.#items.at(-1)
      if (this.#items.length < this.#capacity) {
        place = this.#items.length
      } else {
        if (last === undefined || !this.#isAhead(item, last)) return
        this.#places.delete(last)
        place = this.#items.length - 1
      }
    }
    for (; place > 0; place--) {
      const ahead = this.#items[place - 1]
      if (ahead === undefined || !this.#isAhead(item, ahead)) break
      this.#put(ahead, place)
    }
    this.#put(item, place)
  }

  #isAhead(item: number, other: number): boolean {
    const difference = this.#weight(item) - this.#weight(other)
    return difference > 0 || (difference === 0 && item < other)
  }

  #put(item: number, place: number): void {
    this.#items[place] = item
    this.#places.set(item, place)
  }
}
