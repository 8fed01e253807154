import type { Tables } from '#engines/tables/port.ts'
import type { OrderTrend } from '#schemas/http/trends.ts'
import { type BucketRange, bucketStarts } from './bucket-range.ts'
import { PANE_BUCKET, PANE_IN_RANGE, rangeParameters } from './bucket-sql.ts'

/** Orders and units of every bucket, zeros included. */
export async function orderPoints(
  tables: Tables,
  range: BucketRange,
): Promise<OrderTrend['points']> {
  const rows = await tables.query<{ bucket: string; orders: string; units: string }>(
    `SELECT ${PANE_BUCKET} AS bucket, sum(orders) AS orders, sum(units) AS units
    FROM order_panes FINAL
    WHERE ${PANE_IN_RANGE}
    GROUP BY bucket`,
    { parameters: rangeParameters(range) },
  )
  const byBucket = new Map(rows.map((row) => [Number(row.bucket) * 1000, row]))
  return bucketStarts(range).map((start) => {
    const row = byBucket.get(start)
    return {
      time: new Date(start).toISOString(),
      orders: Number(row?.orders ?? 0),
      units: Number(row?.units ?? 0),
    }
  })
}
