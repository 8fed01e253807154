import type { KnownProducts } from './known-products.ts'

export interface ListRules {
  /** Item numbers that must not appear: the current one, bought ones, those the caller named. */
  readonly exclude: ReadonlySet<number>
  /** Only items with this among their categories. */
  readonly category?: string | undefined
}

/** Whether an item may be in a list: it is sold, not excluded, and of the category asked for. */
export function allowedBy(
  products: KnownProducts,
  { exclude, category }: ListRules,
): (item: number) => boolean {
  return (item) =>
    !exclude.has(item) &&
    products.isSold(item) &&
    (category === undefined || products.facts(item)?.category.includes(category) === true)
}
