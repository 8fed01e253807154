import type { Tables } from '#engines/tables/port.ts'
import { NO_CURRENCY, type RevenueTrend } from '#schemas/http/trends.ts'
import { type BucketRange, bucketStarts, checkPoints } from './bucket-range.ts'
import { PANE_BUCKET, PANE_IN_RANGE, rangeParameters } from './bucket-sql.ts'

export interface RevenueFilter {
  readonly currency?: string | undefined
  readonly category?: string | undefined
}

interface RevenueRow {
  readonly bucket: string
  readonly currency: string
  readonly revenue_minor: string
}

/**
 * Revenue of every bucket in each currency of the range, zeros included.
 * @throws ProblemError invalid-request when buckets times currencies are too many points
 */
export async function revenuePoints(
  tables: Tables,
  range: BucketRange,
  filter: RevenueFilter = {},
): Promise<RevenueTrend['points']> {
  const rows = await revenueRows(tables, range, filter)
  const currencies = await currenciesOf(tables, rows, filter)
  const starts = bucketStarts(range)
  checkPoints(starts.length * currencies.length)
  const revenue = new Map(
    rows.map((row) => [`${row.currency} ${Number(row.bucket) * 1000}`, Number(row.revenue_minor)]),
  )
  return starts.flatMap((start) =>
    currencies.map((currency) => ({
      time: new Date(start).toISOString(),
      currency,
      revenue_minor: revenue.get(`${currency} ${start}`) ?? 0,
    })),
  )
}

function revenueRows(
  tables: Tables,
  range: BucketRange,
  { currency, category }: RevenueFilter,
): Promise<RevenueRow[]> {
  const conditions = [PANE_IN_RANGE]
  if (currency !== undefined) conditions.push('currency = {currency:String}')
  if (category !== undefined) conditions.push('category = {category:String}')
  return tables.query<RevenueRow>(
    `SELECT ${PANE_BUCKET} AS bucket, currency, sum(revenue_minor) AS revenue_minor
    FROM ${category === undefined ? 'order_panes FINAL' : 'category_minutes'}
    WHERE ${conditions.join(' AND ')}
    GROUP BY bucket, currency
    HAVING ${category === undefined ? 'sum(orders) > 0' : 'sum(purchases) > 0'}`,
    {
      parameters: {
        ...rangeParameters(range),
        ...(currency !== undefined && { currency }),
        ...(category !== undefined && { category }),
      },
    },
  )
}

/** Empty buckets need a currency as well: those of the range, else those of the shop, else ISO 4217's "none". */
async function currenciesOf(
  tables: Tables,
  rows: readonly RevenueRow[],
  filter: RevenueFilter,
): Promise<readonly string[]> {
  if (filter.currency !== undefined) return [filter.currency]
  const seen = new Set(rows.map((row) => row.currency))
  if (seen.size > 0) return [...seen].sort()
  const known = await tables.query<{ currency: string }>(
    `SELECT DISTINCT currency FROM (
      SELECT currency FROM order_panes WHERE orders > 0 UNION ALL SELECT currency FROM products
    ) WHERE currency != '' ORDER BY currency`,
  )
  return known.length > 0 ? known.map((row) => row.currency) : [NO_CURRENCY]
}
