import type { TextModel } from '#engines/models/port.ts'
import type { Vectors } from '#engines/vectors/port.ts'
import {
  generationAlias,
  ITEMS_TEXT,
  ITEMS_TEXT_NEXT,
  ITEMS_TEXT_PREVIOUS,
  itemsCollection,
  readItemsCollection,
} from '#schemas/vectors.ts'
import { isOfSpace, itemsSpec } from '../collections.ts'

/** The collections that the aliases point at. */
export interface NamedCollections {
  readonly served: string | undefined
  readonly next: string | undefined
  readonly previous: string | undefined
}

export async function namedCollections(vectors: Vectors): Promise<NamedCollections> {
  const [served, next, previous] = await Promise.all(
    [ITEMS_TEXT, ITEMS_TEXT_NEXT, ITEMS_TEXT_PREVIOUS].map((alias) => vectors.collectionOf(alias)),
  )
  return { served, next, previous }
}

/** The collection that a run fills. */
export interface Target {
  readonly collection: string
  /** The collection that readers use until then. */
  readonly served: string | undefined
  /** An earlier run began it and did not finish. */
  readonly resumed: boolean
}

/** The collection of this space that an earlier run left unfinished, else a new one. Changes nothing. */
export async function findTarget(vectors: Vectors, space: string): Promise<Target> {
  const { served, next, previous } = await namedCollections(vectors)
  const isUnfinished = next !== undefined && next !== served && next !== previous
  if (isUnfinished && isOfSpace(next, space)) return { collection: next, served, resumed: true }
  const newest = Math.max(0, ...[served, next, previous].map(generationOf))
  return { collection: itemsCollection(space, newest + 1), served, resumed: false }
}

/** Creates it if it is not there. Once this resolves, processors of the same space write to it too. */
export async function beginTarget(
  vectors: Vectors,
  model: TextModel,
  { collection, served }: Target,
): Promise<void> {
  await vectors.createCollection(collection, itemsSpec(model))
  for (const name of [served, collection])
    if (name !== undefined) await vectors.setAlias(generationAlias(generationOf(name)), name)
  await vectors.setAlias(ITEMS_TEXT_NEXT, collection)
}

/** Points readers at it, in one step, and keeps what they had for a rollback. A run that is killed in between can be resumed. */
export async function serveTarget(vectors: Vectors, { collection }: Target): Promise<void> {
  const { served } = await namedCollections(vectors)
  if (served === collection) return
  if (served !== undefined) await vectors.setAlias(ITEMS_TEXT_PREVIOUS, served)
  await vectors.setAlias(ITEMS_TEXT, collection)
}

/** 0 for undefined, and for a collection that Freshet did not name. */
export function generationOf(collection: string | undefined): number {
  return (collection === undefined ? undefined : readItemsCollection(collection))?.generation ?? 0
}
