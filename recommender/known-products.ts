import type { Interner } from './interner.ts'

/** What a shop says of a product, as far as lists need it. */
export interface ProductFacts {
  readonly title: string
  /** From the widest to the narrowest. */
  readonly category: readonly string[]
  readonly priceMinor: number
  readonly currency: string
  readonly brand: string
  /** Null: not tracked. */
  readonly stock: number | null
}

interface ListRules {
  /** Item numbers that must not appear: the current one, bought ones, those the caller named. */
  readonly exclude: ReadonlySet<number>
  /** Only items with this among their categories. */
  readonly category?: string | undefined
}

/** The newest facts of each product that the catalogue or an event named, by item number. */
export class KnownProducts {
  readonly #items: Interner
  readonly #facts: (ProductFacts | undefined)[] = []
  readonly #removed = new Set<number>()

  constructor(items: Interner) {
    this.#items = items
  }

  /** False when there is no room for another product. */
  upsert(productId: string, facts: ProductFacts): boolean {
    const item = this.#items.intern(productId)
    if (item === undefined) return false
    // Filled up so that the array stays dense.
    while (this.#facts.length < item) this.#facts.push(undefined)
    this.#facts[item] = facts
    this.#removed.delete(item)
    return true
  }

  remove(productId: string): void {
    const item = this.#items.intern(productId)
    if (item === undefined) return
    this.#removed.add(item)
    if (item < this.#facts.length) this.#facts[item] = undefined
  }

  /** Undefined for a removed product and for one known by events alone. */
  facts(item: number): ProductFacts | undefined {
    return this.#facts[item]
  }

  /** Not removed and not out of stock; a product that no catalogue mentions counts as sold. */
  isSold(item: number): boolean {
    return !this.#removed.has(item) && this.#facts[item]?.stock !== 0
  }

  /** Whether an item may be in a list: it is sold, not excluded, and of the category asked for. */
  allowedBy({ exclude, category }: ListRules): (item: number) => boolean {
    return (item) =>
      !exclude.has(item) &&
      this.isSold(item) &&
      (category === undefined || this.facts(item)?.category.includes(category) === true)
  }

  /** Every item number: first the products of the catalogue, then those known by events alone, oldest first. */
  *inOrder(): Generator<number> {
    for (let item = 0; item < this.#facts.length; item++)
      if (this.#facts[item] !== undefined) yield item
    for (let item = 0; item < this.#items.size; item++)
      if (this.#facts[item] === undefined) yield item
  }
}
