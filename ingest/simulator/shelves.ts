import type { EventOf } from '#schemas/events.ts'
import type { SeededRandom } from './seeded-random.ts'

/** What the simulator has to know of a product. */
export type ShopProduct = Pick<
  EventOf<'ProductUpserted'>,
  'product_id' | 'title' | 'category' | 'price_minor' | 'currency'
>

/**
 * The products of a shop by category, the most popular first. Popularity follows Zipf's law within a category and
 * between them, and drifts: a promotion carries some product to the front, which is what makes movers move.
 */
export class Shelves {
  readonly #byCategory = new Map<string, ShopProduct[]>()
  readonly #byId = new Map<string, ShopProduct>()
  readonly #categories: readonly string[]
  readonly #random: SeededRandom

  /** @throws RangeError without products */
  constructor(products: readonly ShopProduct[], random: SeededRandom) {
    if (products.length === 0) throw new RangeError('a shop without products cannot be simulated')
    this.#random = random
    for (const product of products) {
      const shelf = this.#byCategory.get(categoryOf(product)) ?? []
      shelf.splice(random.below(shelf.length + 1), 0, product)
      this.#byCategory.set(categoryOf(product), shelf)
      this.#byId.set(product.product_id, product)
    }
    this.#categories = [...this.#byCategory]
      .toSorted(([, one], [, other]) => other.length - one.length)
      .map(([category]) => category)
  }

  get categories(): readonly string[] {
    return this.#categories
  }

  product(productId: string): ShopProduct | undefined {
    return this.#byId.get(productId)
  }

  popularCategory(): string {
    return this.#categories[this.#random.zipf(this.#categories.length)] ?? ''
  }

  /** A product of the category, the popular ones more often. */
  popularProduct(category: string): ShopProduct {
    const shelf = this.#byCategory.get(category)
    const product = shelf?.[this.#random.zipf(shelf.length)]
    if (product === undefined) throw new RangeError(`the shop has no category "${category}"`)
    return product
  }

  /** Some product changes places with a popular one of its category. */
  promote(): void {
    const shelf = this.#byCategory.get(this.popularCategory()) ?? []
    const [from, to] = [this.#random.below(shelf.length), this.#random.zipf(shelf.length)]
    const [riser, faller] = [shelf[from], shelf[to]]
    if (riser === undefined || faller === undefined) return
    shelf[to] = riser
    shelf[from] = faller
  }
}

/** The widest part of a product's category. */
export function categoryOf({ category: [widest = 'other'] }: ShopProduct): string {
  return widest
}
