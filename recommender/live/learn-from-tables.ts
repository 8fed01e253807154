import { setImmediate } from 'node:timers/promises'
import type { Tables } from '#engines/tables/port.ts'
import { fromStored, STORED_EVENT_COLUMNS, type StoredEvent } from '#pipeline/stored-event.ts'
import type { CommerceEvent } from '#schemas/events.ts'
import { NEWEST_PRODUCTS } from '#schemas/tables.ts'
import { LEARNED_TYPES } from '../interactions.ts'
import type { Recommender } from '../recommender.ts'

const PAGE_ROWS = 20_000
/** Events learned before other work gets a turn. */
const LEARN_AT_ONCE = 500
const PAGE_DEADLINE_MS = 60_000

/** Without those of the catalogue, which has a table of its own. */
const TYPES = [...LEARNED_TYPES.interest, ...LEARNED_TYPES.erasure]
const LEARNED = `type IN (${TYPES.map((type) => `'${type}'`).join()}) AND dup = 0`

export interface LookBack {
  /** How many of the newest events are learned, at most. */
  readonly lookbackEvents: number
  readonly signal: AbortSignal
}

/** Teaches a new recommender from the tables: the catalogue, then the newest events in order of time. */
export async function learnFromTables(
  recommender: Recommender,
  tables: Tables,
  lookBack: LookBack,
): Promise<void> {
  for await (const page of productPages(tables)) await learn(recommender, page, lookBack.signal)
  for await (const page of eventPages(tables, lookBack))
    await learn(recommender, page.map(fromStored), lookBack.signal)
}

async function learn(
  recommender: Recommender,
  events: readonly CommerceEvent[],
  signal: AbortSignal,
): Promise<void> {
  for (let start = 0; start < events.length; start += LEARN_AT_ONCE) {
    signal.throwIfAborted()
    for (const event of events.slice(start, start + LEARN_AT_ONCE)) recommender.learn(event)
    await setImmediate()
  }
}

interface CatalogueRow {
  readonly product_id: string
  readonly title: string
  readonly category: string[]
  readonly brand: string
  readonly price: number
  readonly currency: string
  readonly in_stock: number | null
  readonly removed: number
  readonly updated_at_ms: number
  readonly version: number
}

/** The catalogue in the order in which the log told of it, removed products included, as the events that say so. */
async function* productPages(tables: Tables): AsyncGenerator<CommerceEvent[]> {
  let after = { version: -1, product_id: '' }
  for (;;) {
    const rows = await tables.query<CatalogueRow>(
      `SELECT product_id, title, category, brand, toFloat64(price_minor) AS price, currency,
         toFloat64(stock) AS in_stock, removed,
         toFloat64(toUnixTimestamp64Milli(updated_at)) AS updated_at_ms, toFloat64(ver) AS version
       FROM ${NEWEST_PRODUCTS}
       WHERE (version, product_id) > ({version:Float64}, {product_id:String})
       ORDER BY version, product_id LIMIT {rows:UInt32}`,
      { parameters: { ...after, rows: PAGE_ROWS }, deadlineMs: PAGE_DEADLINE_MS },
    )
    const last = rows.at(-1)
    if (last === undefined) return
    after = { version: last.version, product_id: last.product_id }
    yield rows.map(productEvent)
  }
}

function productEvent(row: CatalogueRow): CommerceEvent {
  const header = {
    event_id: `catalogue/${row.version}/${row.product_id}`,
    event_time: row.updated_at_ms,
    sent_at: null,
    received_at: row.updated_at_ms,
    source: '',
    user_id: null,
    anonymous_id: null,
    session_id: null,
    product_id: row.product_id,
  }
  if (row.removed === 1) return { type: 'ProductRemoved', ...header }
  return {
    type: 'ProductUpserted',
    ...header,
    title: row.title,
    category: row.category,
    brand: row.brand,
    description: null,
    price_minor: row.price,
    currency: row.currency,
    stock: row.in_stock,
    image_url: null,
  }
}

type EventRow = StoredEvent & {
  readonly _topic: string
  readonly _partition: number
  readonly at: number
}

async function* eventPages(
  tables: Tables,
  { lookbackEvents }: LookBack,
): AsyncGenerator<EventRow[]> {
  let after = { time: await startOf(tables, lookbackEvents), topic: '', partition: 0, at: -1 }
  for (;;) {
    const rows = await tables.query<EventRow>(
      `SELECT ${STORED_EVENT_COLUMNS}, _topic, _partition, toFloat64(_offset) AS at
       FROM events
       WHERE event_time >= fromUnixTimestamp64Milli({time:Int64}, 'UTC') AND ${LEARNED}
         AND (event_time_ms, _topic, _partition, at)
           > ({time:Float64}, {topic:String}, {partition:UInt16}, {at:Float64})
       ORDER BY event_time, _topic, _partition, _offset LIMIT {rows:UInt32}`,
      { parameters: { ...after, rows: PAGE_ROWS }, deadlineMs: PAGE_DEADLINE_MS },
    )
    const last = rows.at(-1)
    if (last === undefined) return
    after = {
      time: last.event_time_ms,
      topic: last._topic,
      partition: last._partition,
      at: last.at,
    }
    yield rows
  }
}

/** The time of the oldest event to learn from, UTC milliseconds. */
async function startOf(tables: Tables, lookbackEvents: number): Promise<number> {
  const [oldest] = await tables.query<{ time: number }>(
    `SELECT toFloat64(toUnixTimestamp64Milli(event_time)) AS time FROM events
     WHERE ${LEARNED} ORDER BY event_time DESC LIMIT 1 OFFSET {skipped:UInt32}`,
    { parameters: { skipped: lookbackEvents - 1 }, deadlineMs: PAGE_DEADLINE_MS },
  )
  return oldest?.time ?? 0
}
