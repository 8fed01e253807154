/** The alias that readers search for the text vectors of products; it points at the collection of one embedding space. */
export const ITEMS_TEXT = 'items_text'

/** The collection that holds the text vectors of one embedding space. */
export function itemsCollection(space: string): string {
  return `items__${space}`
}

/** The named vector of a product's text in that collection. */
export const TEXT_VECTOR = 'text'

/** What a product's point carries beside its vector; the point's id is the product id, its version the log offset. */
export interface ItemPayload {
  readonly category: readonly string[]
  readonly brand: string
  readonly price_minor: number
  /** Hash of the text that was embedded: unchanged text costs no inference. */
  readonly content_hash: string
}

/** The fields of it that filters name. */
export const ITEM_INDEXES = {
  category: 'keyword',
  brand: 'keyword',
  price_minor: 'integer',
} as const
