/** An empty place: item numbers are stored plus one. */
const EMPTY = 0

/**
 * For each item the `perItem` heaviest partners and their weights, in memory fixed at construction (8 bytes a pair). When
 * an item's row is full, a new partner takes the place of the lightest one and inherits its weight, so that a partner
 * that keeps coming is never locked out (Space-Saving; Metwally et al. 2005): a weight is then an upper bound.
 */
export class ItemPairs {
  readonly #perItem: number
  readonly #partners: Uint32Array
  readonly #weights: Float32Array

  constructor(items: number, perItem: number) {
    this.#perItem = perItem
    this.#partners = new Uint32Array(items * perItem)
    this.#weights = new Float32Array(items * perItem)
  }

  add(item: number, partner: number, weight: number): void {
    const row = item * this.#perItem
    const end = row + this.#perItem
    let lightest = row
    for (let at = row; at < end; at++) {
      const known = this.#partners[at]
      if (known === partner + 1 || known === EMPTY) {
        this.#partners[at] = partner + 1
        this.#weights[at] = (this.#weights[at] ?? 0) + weight
        return
      }
      if ((this.#weights[at] ?? 0) < (this.#weights[lightest] ?? 0)) lightest = at
    }
    this.#partners[lightest] = partner + 1
    this.#weights[lightest] = (this.#weights[lightest] ?? 0) + weight
  }

  /** Calls `visit` with each partner of the item, in no particular order. */
  forEach(item: number, visit: (partner: number, weight: number) => void): void {
    const end = (item + 1) * this.#perItem
    for (let at = item * this.#perItem; at < end; at++) {
      const partner = this.#partners[at] ?? EMPTY
      if (partner === EMPTY) return
      visit(partner - 1, this.#weights[at] ?? 0)
    }
  }

  has(item: number, partner: number): boolean {
    const row = item * this.#perItem
    return this.#partners.subarray(row, row + this.#perItem).includes(partner + 1)
  }

  scale(factor: number): void {
    for (let at = 0; at < this.#weights.length; at++)
      this.#weights[at] = (this.#weights[at] ?? 0) * factor
  }
}
