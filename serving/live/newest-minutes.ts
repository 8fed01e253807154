import type { Tables } from '#engines/tables/port.ts'
import type { LiveTrends } from '#schemas/http/live.ts'
import { PANE_BUCKET, PANE_IN_RANGE, rangeParameters } from '../trends/bucket-sql.ts'

const MINUTE_MS = 60_000
/** Late events change past minutes, so the newest few are sent again each time. */
const MINUTES_SENT = 5

type Minute = LiveTrends['minutes'][number]

/** The newest minutes in order of time, up to and including the current one. */
export async function readNewestMinutes(tables: Tables, now: number): Promise<Minute[]> {
  const to = Math.floor(now / MINUTE_MS) * MINUTE_MS + MINUTE_MS
  const from = to - MINUTES_SENT * MINUTE_MS
  const parameters = rangeParameters({ bucketMs: MINUTE_MS, from, to })
  const orders = await tables.query<OrderRow>(
    `SELECT ${PANE_BUCKET} AS bucket, currency, sum(orders) AS orders, sum(units) AS units, sum(revenue_minor) AS revenue_minor
    FROM order_panes FINAL WHERE ${PANE_IN_RANGE} GROUP BY bucket, currency ORDER BY currency`,
    { parameters },
  )
  const activity = await tables.query<ActivityRow>(
    `SELECT ${PANE_BUCKET} AS bucket, sum(views) AS views, sum(carts) AS carts, sum(purchases) AS purchases
    FROM product_panes FINAL WHERE ${PANE_IN_RANGE} GROUP BY bucket`,
    { parameters },
  )
  return Array.from({ length: MINUTES_SENT }, (_, index) => {
    const time = from + index * MINUTE_MS
    return minuteOf(
      time,
      orders.filter((row) => Number(row.bucket) * 1000 === time),
      activity.find((row) => Number(row.bucket) * 1000 === time),
    )
  })
}

interface OrderRow {
  readonly bucket: string
  readonly currency: string
  readonly orders: string
  readonly units: string
  readonly revenue_minor: string
}

interface ActivityRow {
  readonly bucket: string
  readonly views: string
  readonly carts: string
  readonly purchases: string
}

function minuteOf(
  time: number,
  orders: readonly OrderRow[],
  activity: ActivityRow | undefined,
): Minute {
  return {
    time: new Date(time).toISOString(),
    orders: orders.reduce((sum, row) => sum + Number(row.orders), 0),
    units: orders.reduce((sum, row) => sum + Number(row.units), 0),
    revenue: orders.map((row) => ({
      currency: row.currency,
      revenue_minor: Number(row.revenue_minor),
    })),
    views: Number(activity?.views ?? 0),
    carts: Number(activity?.carts ?? 0),
    purchases: Number(activity?.purchases ?? 0),
  }
}
