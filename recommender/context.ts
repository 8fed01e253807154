/** The items that a person was interested in. */
export interface Context {
  /** Distinct items, newest first; the first is what is being looked at. */
  readonly items: readonly number[]
  /** How many moments before the newest each of them lies; items of one basket share a moment. */
  readonly ages: readonly number[]
}

/** An item that a person bought, and how many times. */
export interface Purchase {
  readonly item: number
  readonly times: number
}

/** What a list is made for. */
export interface ListContext extends Context {
  /** What the person bought, newest first; empty for an unknown person. */
  readonly bought: readonly Purchase[]
  /** The list will hold only items of this category. */
  readonly category?: string | undefined
  /** How many items the list will have at most. */
  readonly limit: number
}

/** The items of the newest `moments` moments. */
export function newestItems({ items, ages }: Context, moments: number): readonly number[] {
  const end = ages.findIndex((age) => age >= moments)
  return end < 0 ? items : items.slice(0, end)
}
