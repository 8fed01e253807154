import type { TextModel } from '#engines/models/port.ts'
import type { CollectionSpec, Vectors } from '#engines/vectors/port.ts'
import {
  ITEM_INDEXES,
  ITEMS_TEXT,
  ITEMS_TEXT_NEXT,
  ITEMS_TEXT_PREVIOUS,
  itemsCollection,
  readItemsCollection,
  TEXT_VECTOR,
} from '#schemas/vectors.ts'

/** The spec of a collection of product texts for a model. */
export function itemsSpec({ dimensions }: Pick<TextModel, 'dimensions'>): CollectionSpec {
  return {
    vectors: { [TEXT_VECTOR]: { size: dimensions, distance: 'Cosine' } },
    indexes: ITEM_INDEXES,
  }
}

/**
 * Makes the first collection, if none is served yet, and resolves with the one that is: of another space than the
 * model's when the model was changed and no reindex has been run since.
 */
export async function openItems(vectors: Vectors, model: TextModel): Promise<string> {
  const served = await vectors.collectionOf(ITEMS_TEXT)
  if (served !== undefined) return served
  const first = itemsCollection(model.space)
  await vectors.createCollection(first, itemsSpec(model))
  await vectors.setAlias(ITEMS_TEXT, first)
  return first
}

/**
 * The collections that vectors of this space are to be written to: the served one, the one that a reindex fills and the
 * one to roll back to. Vectors of another space never mix with them: a process whose model was changed writes nowhere
 * until a reindex has created its collection, which is then filled from the catalogue, where no product is missing.
 */
export async function writableCollections(
  vectors: Vectors,
  space: string,
): Promise<readonly string[]> {
  const aliases = [ITEMS_TEXT, ITEMS_TEXT_NEXT, ITEMS_TEXT_PREVIOUS]
  const named = await Promise.all(aliases.map((alias) => vectors.collectionOf(alias)))
  const names = named.filter((name) => name !== undefined).filter((name) => isOfSpace(name, space))
  return [...new Set(names)]
}

export function isOfSpace(collection: string, space: string): boolean {
  return readItemsCollection(collection)?.space === space
}
