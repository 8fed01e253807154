/** The alias that readers search for the text vectors of products; it points at the collection of one embedding space. */
export const ITEMS_TEXT = 'items_text'
/** The alias of the collection that a reindex fills; without a reindex it names the served one. */
export const ITEMS_TEXT_NEXT = 'items_text_next'
/** The alias of the collection that was served before: what a rollback goes back to. */
export const ITEMS_TEXT_PREVIOUS = 'items_text_previous'

/** A collection of product text vectors: its embedding space and its generation, numbered across all spaces. */
export interface ItemsCollection {
  readonly space: string
  /** From 1 up. */
  readonly generation: number
}

const GENERATION = /^items__(?<space>.+?)(?:__g(?<generation>\d+))?$/

/** The name of a collection; the first one, made by the first start, has no number. */
export function itemsCollection(space: string, generation = 1): string {
  return generation === 1 ? `items__${space}` : `items__${space}__g${generation}`
}

/** Parses a name made by `itemsCollection`; undefined for any other. */
export function readItemsCollection(name: string): ItemsCollection | undefined {
  const { space, generation = '1' } = GENERATION.exec(name)?.groups ?? {}
  return space === undefined ? undefined : { space, generation: Number(generation) }
}

/** The alias of a generation: finds collections that no other alias names. */
export function generationAlias(generation: number): string {
  return `items_text_g${generation}`
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

/** Payload fields that filters use. */
export const ITEM_INDEXES = {
  category: 'keyword',
  brand: 'keyword',
  price_minor: 'integer',
} as const
