import type { TextModel } from '#engines/models/port.ts'
import type { Tables } from '#engines/tables/port.ts'
import type { Deletion, Vectors } from '#engines/vectors/port.ts'
import { ITEM_BATCH, itemPoints } from '../points.ts'
import { type CatalogueItem, cataloguePages } from './catalogue-pages.ts'

interface FillingOptions {
  readonly tables: Tables
  readonly vectors: Vectors
  readonly model: TextModel
  readonly collection: string
  readonly signal?: AbortSignal
}

/** Counts of what was done to the collection. */
export interface Filled {
  /** Texts that went through the model. */
  readonly embedded: number
  /** Points written with a vector that was there for the same text. */
  readonly reused: number
  /** Points of removed products, deleted. */
  readonly removed: number
}

/**
 * Makes one collection agree with the catalogue, in passes over it.
 *
 * Why passes converge, whatever other processes write: a product in the catalogue and its entry in the collection, point or deletion,
 * carry the offset of the event they come from, and in both the higher one wins. So the order of writes does not matter
 * and a repeat changes nothing. A pass leaves each product as new as the catalogue was when its page was read; what
 * changes later is newer, and is written by a processor or found by the next pass. One that finds nothing is the last.
 */
export class Filling {
  readonly #options: FillingOptions
  /** The newest version of each product that this filling has applied. */
  readonly #applied = new Map<string, number>()
  #filled: Filled = { embedded: 0, reused: 0, removed: 0 }

  constructor(options: FillingOptions) {
    this.#options = options
  }

  get filled(): Filled {
    return this.#filled
  }

  /** False for a row that is newer than the last pass. */
  hasApplied({ item, version }: CatalogueItem): boolean {
    return version <= (this.#applied.get(item.product_id) ?? -1)
  }

  /** One pass over the catalogue. @returns how many products the collection lacked or had in an older version */
  async pass(onRows: (rows: number) => void = () => undefined): Promise<number> {
    const { tables, signal } = this.#options
    let behind = 0
    for await (const page of cataloguePages(tables, signal)) {
      const newer = page.filter((row) => !this.hasApplied(row))
      for (let i = 0; i < newer.length; i += ITEM_BATCH) {
        signal?.throwIfAborted()
        behind += await this.#apply(newer.slice(i, i + ITEM_BATCH))
        onRows(Math.min(ITEM_BATCH, newer.length - i))
      }
      onRows(page.length - newer.length)
    }
    return behind
  }

  async #apply(rows: readonly CatalogueItem[]): Promise<number> {
    const { vectors, model, collection } = this.#options
    const stored = await vectors.retrieve(
      collection,
      rows.map(({ item }) => item.product_id),
    )
    const known = new Map(stored.map((point) => [point.id, point.version]))
    const isOlder = ({ item, version }: CatalogueItem) =>
      (known.get(item.product_id) ?? -1) < version
    const removed = rows.filter((row) => row.removed)
    const described = rows.filter((row) => !row.removed && isOlder(row))
    // Also of those without a point, so that no late write brings one back.
    if (removed.length > 0) await vectors.delete(collection, { points: removed.map(deletionOf) })
    const { points, embedded } = await itemPoints(described, stored, model)
    if (points.length > 0) await vectors.upsert(collection, points)
    for (const { item, version } of rows) this.#applied.set(item.product_id, version)
    const gone = removed.filter((row) => known.has(row.item.product_id) && isOlder(row)).length
    this.#filled = {
      embedded: this.#filled.embedded + embedded,
      reused: this.#filled.reused + points.length - embedded,
      removed: this.#filled.removed + gone,
    }
    return points.length + gone
  }
}

function deletionOf({ item, version }: CatalogueItem): Deletion {
  return { id: item.product_id, version }
}
