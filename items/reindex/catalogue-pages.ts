import type { Tables } from '#engines/tables/port.ts'
import { NEWEST_PRODUCTS } from '#schemas/tables.ts'
import type { DescribedItem, VersionedItem } from '../points.ts'

const PAGE_ROWS = 1_024
const DEADLINE_MS = 60_000
const NEWEST = `SELECT product_id, title, category, brand, description, price_minor, removed, ver FROM ${NEWEST_PRODUCTS}`

/** A product as the catalogue has it now. */
export interface CatalogueItem extends VersionedItem {
  readonly removed: boolean
}

/** 64-bit integers arrive as strings. */
interface CatalogueRow extends Omit<DescribedItem, 'price_minor'> {
  readonly price_minor: string
  readonly removed: number
  readonly ver: string
}

/**
 * The newest version of every product, removed ones too, in order of id. Each page is as new as its query: a product that
 * changes during the pass comes in its old form or its new one.
 */
export async function* cataloguePages(
  tables: Tables,
  signal?: AbortSignal,
): AsyncGenerator<readonly CatalogueItem[]> {
  let after = ''
  for (;;) {
    signal?.throwIfAborted()
    const rows = await tables.query<CatalogueRow>(
      `${NEWEST} WHERE product_id > {after:String} ORDER BY product_id LIMIT {limit:UInt32}`,
      { parameters: { after, limit: PAGE_ROWS }, deadlineMs: DEADLINE_MS },
    )
    const last = rows.at(-1)
    if (last === undefined) return
    yield rows.map(toItem)
    after = last.product_id
  }
}

/** Products that are not removed, drawn at random; the same seed draws the same ones. */
export async function sampleCatalogue(
  tables: Tables,
  { size, seed }: { readonly size: number; readonly seed: number },
): Promise<readonly CatalogueItem[]> {
  const rows = await tables.query<CatalogueRow>(
    `${NEWEST} WHERE removed = 0
     ORDER BY cityHash64(product_id, {seed:UInt64}), product_id LIMIT {size:UInt32}`,
    { parameters: { seed, size }, deadlineMs: DEADLINE_MS },
  )
  return rows.map(toItem)
}

/** How many products there are: those to be found, and all rows that a pass reads. */
export async function countCatalogue(
  tables: Tables,
): Promise<{ readonly products: number; readonly rows: number }> {
  const [counts] = await tables.query<{ products: string; total: string }>(
    `SELECT countIf(removed = 0) AS products, count() AS total FROM ${NEWEST_PRODUCTS}`,
    { deadlineMs: DEADLINE_MS },
  )
  return { products: Number(counts?.products), rows: Number(counts?.total) }
}

function toItem({ removed, ver, price_minor, ...described }: CatalogueRow): CatalogueItem {
  const item = { ...described, price_minor: Number(price_minor) }
  return { item, version: Number(ver), removed: removed === 1 }
}
