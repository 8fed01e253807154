import { refused } from '#engines/errors.ts'
import { ITEMS_TEXT, ITEMS_TEXT_PREVIOUS } from '#schemas/vectors.ts'
import { isOfSpace } from '../collections.ts'
import { Refresh, type Refreshed } from './refresh.ts'
import type { ReindexOptions } from './reindex.ts'
import { takeRunLock } from './run-lock.ts'
import { namedCollections } from './target.ts'

export interface RollbackReport {
  /** The collection served again, and the one served until now. */
  readonly collection: string
  readonly served_before: string
  /** Null when the collection is of another model: what has changed since it was served is missing from it. */
  readonly refreshed: Refreshed | null
}

/**
 * Points readers at the collection that was served before; a second rollback undoes the first. If it is of this model, it
 * is brought up to date before and after.
 */
export async function rollBack(options: ReindexOptions): Promise<RollbackReport> {
  const { vectors, cache, model, clock } = options.engines
  await using _ = await takeRunLock(cache, clock)
  const { served, previous } = await namedCollections(vectors)
  if (served === undefined || previous === undefined || previous === served) {
    throw refused(
      'there is no previous collection to go back to: it was pruned, or nothing was reindexed yet',
    )
  }
  const refresh = new Refresh(previous, options)
  const isOfModel = isOfSpace(previous, model.space)
  if (isOfModel) await refresh.untilUpToDate('catch up')
  await refresh.persist(() => vectors.setAlias(ITEMS_TEXT, previous))
  await refresh.persist(() => vectors.setAlias(ITEMS_TEXT_PREVIOUS, served))
  if (isOfModel) await refresh.untilUpToDate('catch up')
  return {
    collection: previous,
    served_before: served,
    refreshed: isOfModel ? refresh.done : null,
  }
}

/** Brings the collection that is served up to date in place. @throws EngineError ENGINE_REFUSED when it is of another model */
export async function catchUp(
  options: ReindexOptions,
): Promise<Refreshed & { readonly collection: string }> {
  const { vectors, cache, model, clock } = options.engines
  await using _ = await takeRunLock(cache, clock)
  const { served } = await namedCollections(vectors)
  if (served === undefined || !isOfSpace(served, model.space)) {
    throw refused(
      `${served ?? 'no collection'} is served, which is not of the model ${model.space}: set EMBEDDING_MODEL to its model, or reindex`,
    )
  }
  const refresh = new Refresh(served, options)
  await refresh.untilUpToDate('catch up')
  return { collection: served, ...refresh.done }
}
