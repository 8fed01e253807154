import type { Cache } from '#engines/cache/port.ts'
import type { Clock } from '#engines/clock/port.ts'
import { ITEMS_TEXT_NEXT } from '#schemas/vectors.ts'
import { Refresh, type Refreshed, type RefreshOptions } from './refresh.ts'
import { takeRunLock } from './run-lock.ts'
import { beginTarget, findTarget, serveTarget } from './target.ts'
import type { Verification } from './verify.ts'

export interface ReindexOptions extends RefreshOptions {
  readonly engines: RefreshOptions['engines'] & { readonly cache: Cache; readonly clock: Clock }
}

export interface ReindexReport extends Refreshed {
  readonly space: string
  /** The collection that was filled, and the one served before. */
  readonly collection: string
  readonly served_before: string | null
  /** An earlier run had begun it. */
  readonly resumed: boolean
  readonly products: number
  readonly seconds: number
  /** Of the first pass, which fills. */
  readonly products_per_second: number
  readonly verification: Verification
  /** False when the verification failed: readers keep the collection that they had. */
  readonly swapped: boolean
}

/**
 * Fills a new collection from the catalogue while the old one is served, verifies it, and points readers at it in one step.
 * No change during the run is lost: processors of the same model write to the new collection as soon as it is named, and
 * passes over the catalogue before and after the swap find what they have not written. It may be killed at any moment
 * and run again: the collection itself shows how far it came.
 * @throws ReindexUnderWay when another reindex is at work; EngineError when an engine does not answer at first
 */
export async function reindex(options: ReindexOptions): Promise<ReindexReport> {
  const { tables, vectors, cache, model, clock } = options.engines
  await Promise.all([tables.ping(), vectors.ping(), cache.ping()])
  await using _ = await takeRunLock(cache, clock)
  const startedAt = performance.now()
  const target = await findTarget(vectors, model.space)
  const refresh = new Refresh(target.collection, options)
  await refresh.persist(() => beginTarget(vectors, model, target))
  await refresh.untilUpToDate('fill')
  const filledAt = performance.now()
  // An engine that indexes in the background has done so when an alias points there: what is verified is what is served.
  await refresh.persist(() => vectors.setAlias(ITEMS_TEXT_NEXT, target.collection))
  const verification = await refresh.verified()
  const swapped = verification.failures.length === 0
  if (swapped) {
    await refresh.persist(() => serveTarget(vectors, target))
    await refresh.untilUpToDate('catch up')
  }
  const { products } = verification
  return {
    space: model.space,
    collection: target.collection,
    served_before: target.served ?? null,
    resumed: target.resumed,
    products,
    ...refresh.done,
    seconds: round((performance.now() - startedAt) / 1_000),
    products_per_second: Math.round((products * 1_000) / (filledAt - startedAt)),
    verification,
    swapped,
  }
}

function round(seconds: number): number {
  return Math.round(seconds * 10) / 10
}
