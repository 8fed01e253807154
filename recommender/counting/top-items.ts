/**
 * The heaviest items, kept up to date one item at a time. Exact as long as weights only grow (which forward decay makes
 * so): an item outside cannot outweigh one inside without being offered. Ties: the lower number first.
 *
 * Newcomers gather behind the ranking until there are as many again, so that a ranking is paid for by as many offers.
 */
export class TopItems {
  readonly #capacity: number
  readonly #weight: (item: number) => number
  readonly #items: number[] = []
  readonly #members = new Set<number>()
  #isRanked = true

  constructor(capacity: number, weight: (item: number) => number) {
    this.#capacity = capacity
    this.#weight = weight
  }

  /** At most `capacity`, the heaviest first. */
  get items(): readonly number[] {
    if (!this.#isRanked) this.#rank()
    return this.#items
  }

  /** To be called after each change of an item's weight. */
  offer(item: number): void {
    this.#isRanked = false
    if (this.#members.has(item)) return
    this.#members.add(item)
    this.#items.push(item)
    if (this.#items.length >= 2 * this.#capacity) this.#rank()
  }

  #rank(): void {
    this.#items.sort((a, b) => this.#weight(b) - this.#weight(a) || a - b)
    for (const item of this.#items.splice(this.#capacity)) this.#members.delete(item)
    this.#isRanked = true
  }
}
