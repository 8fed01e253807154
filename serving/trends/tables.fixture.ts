import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openEmbeddedTables } from '#engines/tables/embedded/embedded-tables.ts'
import { loadMigrations } from '#engines/tables/migrations.ts'
import type { Tables } from '#engines/tables/port.ts'
import type {
  CATALOGUE,
  ORDER_PANES,
  PRODUCT_PANES,
  RAW_EVENTS,
  Row,
  WATERMARKS,
} from '#schemas/tables.ts'

/** Migrated tables in a folder of their own, gone when disposed. */
export async function openTestTables(): Promise<Tables> {
  const folder = await mkdtemp(join(tmpdir(), 'freshet-trends-'))
  const tables = await openEmbeddedTables({ folder })
  await tables.migrate(await loadMigrations(new URL('../../schemas/tables', import.meta.url)))
  const close = tables[Symbol.asyncDispose].bind(tables)
  tables[Symbol.asyncDispose] = async () => {
    await close()
    await rm(folder, { recursive: true, force: true })
  }
  return tables
}

let version = 0

/** Rows as processors write them, all but the named columns empty. Each is newer than the one before. */
export const aRow = {
  orderPane: (columns: Partial<Row<typeof ORDER_PANES>>): Row<typeof ORDER_PANES> => ({
    minute: 0,
    _topic: 'commerce.orders',
    _partition: 0,
    ver: ++version,
    received_at: Date.now(),
    currency: 'GBP',
    orders: 0,
    units: 0,
    revenue_minor: 0,
    refunds: 0,
    refunded_minor: 0,
    ...columns,
  }),
  productPane: (columns: Partial<Row<typeof PRODUCT_PANES>>): Row<typeof PRODUCT_PANES> => ({
    minute: 0,
    _topic: 'commerce.activity',
    _partition: 0,
    ver: ++version,
    received_at: Date.now(),
    product_id: '',
    currency: '',
    views: 0,
    carts: 0,
    purchases: 0,
    units: 0,
    revenue_minor: 0,
    ...columns,
  }),
  event: (columns: Partial<Row<typeof RAW_EVENTS>>): Row<typeof RAW_EVENTS> => ({
    event_id: `e${++version}`,
    type: 'ProductViewed',
    event_time: 0,
    received_at: 0,
    source: '',
    user_id: '',
    anonymous_id: '',
    session_id: '',
    product_id: '',
    order_id: '',
    payload: '{}',
    dup: 0,
    late: 0,
    clamped: 0,
    _topic: 'commerce.activity',
    _partition: 0,
    _offset: version,
    ...columns,
  }),
  product: (columns: Partial<Row<typeof CATALOGUE>>): Row<typeof CATALOGUE> => ({
    product_id: '',
    title: '',
    category: [],
    brand: '',
    description: '',
    price_minor: 0,
    currency: 'GBP',
    stock: null,
    image_url: '',
    updated_at: 0,
    removed: 0,
    ver: ++version,
    ...columns,
  }),
  watermark: (columns: Partial<Row<typeof WATERMARKS>>): Row<typeof WATERMARKS> => ({
    group: 'facts',
    _topic: 'commerce.orders',
    _partition: 0,
    watermark: 0,
    idle: 0,
    ver: ++version,
    updated_at: 0,
    ...columns,
  }),
}
