import type { Tables } from '#engines/tables/port.ts'

/** Only writes within this span are measured. */
const FRESHNESS_SPAN_MS = 5 * 60_000
/** Only panes within this span are read: live events change no older ones. */
const PANE_SPAN_MS = 20 * 60_000

export interface Freshness {
  readonly p50_ms: number
  readonly p95_ms: number
}

/**
 * Time from the arrival of events to their row in a table, over the last minutes; undefined when none arrived.
 * Measured on every pane row not yet merged away: `written_at` minus the arrival of the oldest event that the write made
 * visible.
 */
export async function measureFreshness(
  tables: Tables,
  now: number,
): Promise<Freshness | undefined> {
  const [row] = await tables.query<{ writes: string; p50: number; p95: number }>(
    `SELECT count() AS writes, quantileExact(0.5)(delay) AS p50, quantileExact(0.95)(delay) AS p95
    FROM (${delays('order_panes')} UNION ALL ${delays('product_panes')})`,
    {
      parameters: {
        panes_since: Math.floor((now - PANE_SPAN_MS) / 1000),
        since: now - FRESHNESS_SPAN_MS,
      },
    },
  )
  if (row === undefined || Number(row.writes) === 0) return undefined
  return { p50_ms: Math.round(row.p50), p95_ms: Math.round(row.p95) }
}

function delays(table: 'order_panes' | 'product_panes'): string {
  return `SELECT toFloat64(greatest(0, dateDiff('millisecond', received_at, written_at))) AS delay
    FROM ${table}
    WHERE minute >= toDateTime({panes_since:UInt32}, 'UTC')
      AND written_at >= fromUnixTimestamp64Milli({since:Int64}, 'UTC')`
}
