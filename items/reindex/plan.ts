import { ITEM_BATCH, itemText } from '../points.ts'
import { countCatalogue, sampleCatalogue } from './catalogue-pages.ts'
import type { RefreshOptions } from './refresh.ts'
import { findTarget } from './target.ts'

/** Embedded before the measurement: the first texts after a start take longer. */
const WARM_UP_TEXTS = 32

export interface ReindexPlan {
  readonly dry_run: true
  readonly space: string
  readonly collection: string
  readonly served: string | null
  /** An earlier run had begun the collection. */
  readonly resumes: boolean
  readonly products: number
  /** Points that are in the collection already. */
  readonly filled: number
  readonly to_embed: number
  /** Measured on so many texts of the catalogue. */
  readonly measured_texts: number
  readonly texts_per_second: number
  /** To embed them; storing and verifying come on top. */
  readonly estimated_seconds: number
}

/** What a reindex would do, and how long that would take, by embedding some of the texts. Changes nothing. */
export async function planReindex({
  engines: { tables, vectors, model },
  seed = 1,
}: Pick<RefreshOptions, 'engines' | 'seed'>): Promise<ReindexPlan> {
  const { collection, served, resumed } = await findTarget(vectors, model.space)
  const { products } = await countCatalogue(tables)
  const filled = resumed ? await vectors.count(collection) : 0
  const sampled = await sampleCatalogue(tables, { size: ITEM_BATCH, seed })
  await model.embed(sampled.slice(0, WARM_UP_TEXTS).map(({ item }) => itemText(item)))
  const startedAt = performance.now()
  await model.embed(sampled.map(({ item }) => itemText(item)))
  const rate = sampled.length / ((performance.now() - startedAt) / 1_000)
  const toEmbed = Math.max(0, products - filled)
  return {
    dry_run: true,
    space: model.space,
    collection,
    served: served ?? null,
    resumes: resumed,
    products,
    filled,
    to_embed: toEmbed,
    measured_texts: sampled.length,
    texts_per_second: Math.round(rate),
    estimated_seconds: toEmbed === 0 ? 0 : Math.ceil(toEmbed / rate),
  }
}
