import type { Vectors } from '#engines/vectors/port.ts'
import { generationAlias } from '#schemas/vectors.ts'
import { generationOf, namedCollections } from './target.ts'

/**
 * Deletes the collections of earlier reindexes, but for the one that is served, the one before it and the one being filled.
 * @returns the names of what was deleted
 */
export async function prune(vectors: Vectors): Promise<readonly string[]> {
  const { served, next, previous } = await namedCollections(vectors)
  const named = [served, next, previous]
  const newest = Math.max(0, ...named.map(generationOf))
  if (served === undefined) return []
  const aliasesOf = new Map<string, string[]>()
  for (let generation = newest - 1; generation > 0; generation--) {
    const alias = generationAlias(generation)
    const collection = await vectors.collectionOf(alias)
    if (collection === undefined || named.includes(collection)) continue
    aliasesOf.set(collection, [...(aliasesOf.get(collection) ?? []), alias])
  }
  for (const [collection, aliases] of aliasesOf) {
    // No alias may be left pointing at it: not its own, nor those that an earlier pruning has moved here.
    for (const alias of aliases) await vectors.setAlias(alias, served)
    await vectors.deleteCollection(collection)
  }
  return [...aliasesOf.keys()]
}
