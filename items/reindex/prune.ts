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
  const deleted: string[] = []
  for (let generation = newest - 1; generation > 0; generation--) {
    const collection = await vectors.collectionOf(generationAlias(generation))
    if (served === undefined || collection === undefined || named.includes(collection)) continue
    // No alias may be left pointing at it.
    await vectors.setAlias(generationAlias(generation), served)
    await vectors.deleteCollection(collection)
    deleted.push(collection)
  }
  return deleted
}
