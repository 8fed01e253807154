import type { Tables } from '#engines/tables/port.ts'
import type { SentEvent } from './traffic.ts'

/** What the tables hold, held against what was acknowledged. All but the first five are 0 when nothing went wrong. */
export interface Audit {
  readonly stored: number
  readonly duplicates: number
  readonly late: number
  /** Keys of panes that were compared with the raw events. */
  readonly pane_keys: number
  /** Total of all orders as stored, by currency. */
  readonly revenue: Readonly<Record<string, number>>
  /** Acknowledged events that are not counted. */
  readonly lost: number
  /** Event ids that are counted more than once. */
  readonly doubled: number
  /** Records of the log that are stored more than once. */
  readonly doubled_records: number
  /** Offsets up to the last one stored that are missing. */
  readonly gaps: number
  /** Keys of panes that differ from the sums of the raw events. */
  readonly panes_wrong: number
  readonly dead_letters: number
}

interface Counts {
  readonly stored: string
  readonly duplicates: string
  readonly late: string
}

/** Counts by SQL of its own; nothing may be written while it counts. */
export async function audit(
  tables: Tables,
  acknowledged: ReadonlyMap<string, SentEvent>,
): Promise<Audit> {
  const [counts] = await tables.query<Counts>(
    'SELECT count() AS stored, sum(dup) AS duplicates, sum(late) AS late FROM raw_events',
  )
  const panes = await comparePanes(tables)
  return {
    stored: Number(counts?.stored),
    duplicates: Number(counts?.duplicates),
    late: Number(counts?.late),
    pane_keys: panes.keys,
    revenue: await revenueByCurrency(tables),
    ...(await compareIds(tables, acknowledged)),
    ...(await compareRecords(tables)),
    panes_wrong: panes.wrong,
    dead_letters: await only(tables, 'SELECT count() AS n FROM dead_letters'),
  }
}

async function compareIds(tables: Tables, acknowledged: ReadonlyMap<string, SentEvent>) {
  const rows = await tables.query<{ event_id: string; counted: string }>(
    'SELECT event_id, countIf(dup = 0) AS counted FROM events GROUP BY event_id',
  )
  const counted = new Map(rows.map((row) => [row.event_id, Number(row.counted)]))
  let lost = 0
  for (const id of acknowledged.keys()) if ((counted.get(id) ?? 0) === 0) lost += 1
  let doubled = 0
  for (const times of counted.values()) if (times !== 1) doubled += 1
  return { lost, doubled }
}

async function compareRecords(tables: Tables) {
  const [row] = await tables.query<{ doubled: string; gaps: string }>(`
    SELECT sum(rows - offsets) AS doubled, sum(next - offsets) AS gaps FROM (
      SELECT count() AS rows, uniqExact(_offset) AS offsets, max(_offset) + 1 AS next
      FROM events GROUP BY _topic, _partition
    )`)
  return { doubled_records: Number(row?.doubled), gaps: Number(row?.gaps) }
}

/** The panes less the sums of the raw events, minute by minute and key by key: nothing may be left over. */
async function comparePanes(tables: Tables): Promise<{ keys: number; wrong: number }> {
  const [orders, products] = await Promise.all([
    tables.query<{ keys: string; wrong: string }>(`
      SELECT count() AS keys, countIf(o != 0 OR u != 0 OR v != 0 OR r != 0 OR a != 0) AS wrong FROM (
        SELECT minute, currency, sum(orders) AS o, sum(units) AS u, sum(revenue) AS v, sum(refunds) AS r, sum(amount) AS a
        FROM (
          SELECT minute, toString(currency) AS currency, toInt64(orders) AS orders, toInt64(units) AS units,
            revenue_minor AS revenue, toInt64(refunds) AS refunds, refunded_minor AS amount
          FROM order_minutes
          UNION ALL
          SELECT toStartOfMinute(event_time), JSONExtractString(payload, 'currency'), -1,
            -arraySum(arrayMap(line -> line.1, lines)), -arraySum(arrayMap(line -> line.1 * line.2, lines)), 0, 0
          FROM (
            SELECT event_time, payload,
              JSONExtract(payload, 'lines', 'Array(Tuple(quantity Int64, unit_price_minor Int64))') AS lines
            FROM raw_events WHERE type = 'OrderPlaced' AND dup = 0
          )
          UNION ALL
          SELECT toStartOfMinute(event_time), JSONExtractString(payload, 'currency'), 0, 0, 0, -1,
            -JSONExtractInt(payload, 'amount_minor')
          FROM raw_events WHERE type = 'OrderRefunded' AND dup = 0
        ) GROUP BY minute, currency
      )`),
    tables.query<{ keys: string; wrong: string }>(`
      SELECT count() AS keys, countIf(v != 0 OR c != 0 OR p != 0) AS wrong FROM (
        SELECT minute, product, sum(views) AS v, sum(carts) AS c, sum(purchases) AS p
        FROM (
          SELECT minute, product_id AS product, toInt64(views) AS views, toInt64(carts) AS carts,
            toInt64(purchases) AS purchases
          FROM product_minutes
          UNION ALL
          SELECT toStartOfMinute(event_time), product_id, -toInt64(type = 'ProductViewed'),
            -toInt64(type = 'CartItemAdded'), 0
          FROM raw_events WHERE type IN ('ProductViewed', 'CartItemAdded') AND dup = 0
          UNION ALL
          SELECT toStartOfMinute(event_time),
            arrayJoin(JSONExtract(payload, 'lines', 'Array(Tuple(product_id String))')).1, 0, 0, -1
          FROM raw_events WHERE type = 'OrderPlaced' AND dup = 0
        ) GROUP BY minute, product
      )`),
  ])
  const sum = (name: 'keys' | 'wrong') =>
    Number(orders[0]?.[name] ?? 0) + Number(products[0]?.[name] ?? 0)
  return { keys: sum('keys'), wrong: sum('wrong') }
}

async function revenueByCurrency(tables: Tables): Promise<Record<string, number>> {
  const rows = await tables.query<{ currency: string; revenue: string }>(
    'SELECT currency, sum(revenue_minor) AS revenue FROM order_minutes GROUP BY currency ORDER BY currency',
  )
  return Object.fromEntries(rows.map((row) => [row.currency, Number(row.revenue)]))
}

async function only(tables: Tables, sql: string): Promise<number> {
  const [row] = await tables.query<{ n: string }>(sql)
  return Number(row?.n)
}
