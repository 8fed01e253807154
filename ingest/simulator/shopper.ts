import { SeededRandom } from './seeded-random.ts'
import { categoryOf, type Shelves, type ShopProduct } from './shelves.ts'

/** A person with tastes, the same for the same seed: a few favourite categories, and an eye on the price or not. */
export class Shopper {
  readonly userId: string
  readonly favourites: readonly string[]
  /** 0: takes what is popular; 1: always the cheaper of two. */
  readonly priceSensitivity: number

  constructor(userId: string, shelves: Shelves, seed: number) {
    const random = new SeededRandom(seed)
    const count = 1 + random.below(3)
    this.userId = userId
    this.favourites = Array.from({ length: count }, () => random.pick(shelves.categories))
    this.priceSensitivity = random.next()
  }

  /** What they look at next: more of the same, something of their taste, or what everybody looks at. */
  choose(shelves: Shelves, random: SeededRandom, last: ShopProduct | undefined): ShopProduct {
    const category = this.#nextCategory(shelves, random, last)
    const [one, other] = [shelves.popularProduct(category), shelves.popularProduct(category)]
    return random.chance(this.priceSensitivity) && other.price_minor < one.price_minor ? other : one
  }

  likes(product: ShopProduct): boolean {
    return this.favourites.includes(categoryOf(product))
  }

  #nextCategory(shelves: Shelves, random: SeededRandom, last: ShopProduct | undefined): string {
    if (last !== undefined && random.chance(0.5)) return categoryOf(last)
    return random.chance(0.75) ? random.pick(this.favourites) : shelves.popularCategory()
  }
}
