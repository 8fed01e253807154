import type { Tables } from '#engines/tables/port.ts'
import { projection } from '#pipeline/processor.ts'
import type { EventOf } from '#schemas/events.ts'
import { CATALOGUE, NEWEST_PRODUCTS, type Row } from '#schemas/tables.ts'
import { updateItemVectors } from './item-vectors.ts'
import { changesByProduct, type ProductChange } from './product-changes.ts'

type CatalogueRow = Row<typeof CATALOGUE>

/** The newest version of each product, as a row and as a vector of its text. */
export const catalogueProjection = projection({
  name: 'catalogue',
  async apply(events, engines) {
    const changes = changesByProduct(events)
    await engines.tables.insert(CATALOGUE, await toRows(changes, engines.tables))
    await updateItemVectors(changes, engines)
  },
})

/** A removed product keeps its description: what was sold of it still belongs to its category. */
async function toRows(changes: readonly ProductChange[], tables: Tables): Promise<CatalogueRow[]> {
  const undescribed = changes.filter(({ product }) => product === undefined)
  const stored = await storedRows(tables, undescribed)
  return changes.map(({ product_id, product, removed, time, offset }) => {
    const described = product === undefined ? stored.get(product_id) : rowOf(product)
    const row = described ?? { ...NOT_DESCRIBED, product_id }
    return { ...row, updated_at: time, removed: removed ? 1 : 0, ver: offset }
  })
}

const NOT_DESCRIBED: Omit<CatalogueRow, 'product_id'> = {
  title: '',
  category: [],
  brand: '',
  description: '',
  price_minor: 0,
  currency: '',
  stock: null,
  image_url: '',
  updated_at: 0,
  removed: 1,
  ver: 0,
}

function rowOf(product: EventOf<'ProductUpserted'>): CatalogueRow {
  const { product_id, title, category, price_minor, currency, stock } = product
  const described = { product_id, title, category, price_minor, currency, stock }
  const { brand, description, image_url } = product
  const texts = { brand: brand ?? '', description: description ?? '', image_url: image_url ?? '' }
  return { ...described, ...texts, updated_at: 0, removed: 0, ver: 0 }
}

/** 64-bit integers arrive as strings. */
type StoredRow = CatalogueRow & {
  readonly price_minor: number | string
  readonly stock: number | string | null
}

async function storedRows(
  tables: Tables,
  changes: readonly ProductChange[],
): Promise<ReadonlyMap<string, CatalogueRow>> {
  if (changes.length === 0) return new Map()
  const rows = await tables.query<StoredRow>(
    `SELECT product_id, title, category, brand, description, price_minor, currency, stock, image_url
     FROM ${NEWEST_PRODUCTS} WHERE product_id IN {ids:Array(String)}`,
    { parameters: { ids: changes.map(({ product_id }) => product_id) } },
  )
  return new Map(
    rows.map((row) => {
      const stock = row.stock === null ? null : Number(row.stock)
      return [row.product_id, { ...row, price_minor: Number(row.price_minor), stock }]
    }),
  )
}
