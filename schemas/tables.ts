/**
 * The columns that processors write, typed. The DDL is in `tables/*.sql`; a test compares the two on the real engine.
 * Times are UTC milliseconds; `DateTime` columns keep seconds.
 */
interface ColumnTypes {
  String: string
  'LowCardinality(String)': string
  'Array(String)': readonly string[]
  UInt8: number
  UInt16: number
  UInt32: number
  UInt64: number
  Int64: number
  'Nullable(Int64)': number | null
  Float64: number
  "DateTime('UTC')": number
  "DateTime64(3, 'UTC')": number
}

export type ColumnType = keyof ColumnTypes

export interface TableSpec {
  readonly name: string
  readonly columns: Readonly<Record<string, ColumnType>>
}

/** One row of a table, by column name. */
export type Row<T extends TableSpec> = {
  readonly [C in keyof T['columns']]: ColumnTypes[T['columns'][C]]
}

/** The record that a row came from: proves that it was stored, and makes a repeated insert detectable. */
const PROVENANCE = {
  _topic: 'LowCardinality(String)',
  _partition: 'UInt16',
  _offset: 'UInt64',
} as const

/** Every record of every topic, once; panes are repaired from it. Read it through the view `events`. */
export const RAW_EVENTS = {
  name: 'raw_events',
  columns: {
    event_id: 'String',
    type: 'LowCardinality(String)',
    event_time: "DateTime64(3, 'UTC')",
    received_at: "DateTime64(3, 'UTC')",
    source: 'LowCardinality(String)',
    user_id: 'String',
    anonymous_id: 'String',
    session_id: 'String',
    product_id: 'String',
    order_id: 'String',
    payload: 'String',
    dup: 'UInt8',
    late: 'UInt8',
    clamped: 'UInt8',
    ...PROVENANCE,
  },
} as const satisfies TableSpec

/** What every table of panes has: the minute, the source partition and the last offset applied. */
const PANE = {
  minute: "DateTime('UTC')",
  _topic: 'LowCardinality(String)',
  _partition: 'UInt16',
  ver: 'UInt64',
  /** Arrival of the oldest event that this write made visible: `written_at` less this is the freshness. */
  received_at: "DateTime64(3, 'UTC')",
} as const

/** Orders by minute, currency and source partition: absolute values, the highest `ver` wins. */
export const ORDER_PANES = {
  name: 'order_panes',
  columns: {
    ...PANE,
    currency: 'LowCardinality(String)',
    orders: 'UInt64',
    units: 'UInt64',
    revenue_minor: 'Int64',
    refunds: 'UInt64',
    refunded_minor: 'Int64',
  },
} as const satisfies TableSpec

/** Products by minute, currency and source partition; `currency` is '' where no money is involved. */
export const PRODUCT_PANES = {
  name: 'product_panes',
  columns: {
    ...PANE,
    product_id: 'String',
    currency: 'LowCardinality(String)',
    views: 'UInt64',
    carts: 'UInt64',
    purchases: 'UInt64',
    units: 'UInt64',
    revenue_minor: 'Int64',
  },
} as const satisfies TableSpec

/** The newest version of every product. Read it through the view `products`. */
export const CATALOGUE = {
  name: 'catalogue',
  columns: {
    product_id: 'String',
    title: 'String',
    category: 'Array(String)',
    brand: 'String',
    description: 'String',
    price_minor: 'Int64',
    currency: 'LowCardinality(String)',
    stock: 'Nullable(Int64)',
    image_url: 'String',
    updated_at: "DateTime64(3, 'UTC')",
    removed: 'UInt8',
    ver: 'UInt64',
  },
} as const satisfies TableSpec
/** To select from: the newest version of each product, removed ones too. */
export const NEWEST_PRODUCTS = `${CATALOGUE.name} FINAL`

/** Records that could not be processed, by their place in the log; the ledger counts them. */
export const DEAD_LETTERS = {
  name: 'dead_letters',
  columns: {
    ...PROVENANCE,
    stage: 'LowCardinality(String)',
    reason: 'String',
    value_base64: 'String',
    failed_at: "DateTime64(3, 'UTC')",
  },
} as const satisfies TableSpec

/** How far each partition of a group has been processed, in event time. */
export const WATERMARKS = {
  name: 'watermarks',
  columns: {
    group: 'LowCardinality(String)',
    _topic: 'LowCardinality(String)',
    _partition: 'UInt16',
    watermark: "DateTime64(3, 'UTC')",
    idle: 'UInt8',
    ver: 'UInt64',
    updated_at: "DateTime64(3, 'UTC')",
  },
} as const satisfies TableSpec

export const TABLES = [
  RAW_EVENTS,
  ORDER_PANES,
  PRODUCT_PANES,
  CATALOGUE,
  DEAD_LETTERS,
  WATERMARKS,
] as const
