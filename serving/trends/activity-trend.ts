import type { Tables } from '#engines/tables/port.ts'
import type { ActivityTrend } from '#schemas/http/trends.ts'
import { PEOPLE_SQL } from '#schemas/people.ts'
import { type BucketRange, bucketStarts } from './bucket-range.ts'
import { PANE_BUCKET, PANE_IN_RANGE, rangeParameters } from './bucket-sql.ts'

/** Views, additions to carts, purchases and people of every bucket, zeros included. */
export async function activityPoints(
  tables: Tables,
  range: BucketRange,
): Promise<ActivityTrend['points']> {
  const [counts, people] = await Promise.all([
    countsByBucket(tables, range),
    peopleByBucket(tables, range),
  ])
  return bucketStarts(range).map((start) => {
    const row = counts.get(start)
    return {
      time: new Date(start).toISOString(),
      views: Number(row?.views ?? 0),
      carts: Number(row?.carts ?? 0),
      purchases: Number(row?.purchases ?? 0),
      active_users: people.get(start) ?? 0,
    }
  })
}

interface CountRow {
  readonly bucket: string
  readonly views: string
  readonly carts: string
  readonly purchases: string
}

async function countsByBucket(
  tables: Tables,
  range: BucketRange,
): Promise<ReadonlyMap<number, CountRow>> {
  const rows = await tables.query<CountRow>(
    `SELECT ${PANE_BUCKET} AS bucket, sum(views) AS views, sum(carts) AS carts, sum(purchases) AS purchases
    FROM product_panes FINAL
    WHERE ${PANE_IN_RANGE}
    GROUP BY bucket`,
    { parameters: rangeParameters(range) },
  )
  return new Map(rows.map((row) => [Number(row.bucket) * 1000, row]))
}

/** Counting distinct people reads every event of the range: ten million take seconds. */
const PEOPLE_DEADLINE_MS = 30_000

/**
 * Distinct people do not add up over narrower buckets, so they are counted from the events; the index on event time limits
 * what is read to the range.
 */
async function peopleByBucket(
  tables: Tables,
  range: BucketRange,
): Promise<ReadonlyMap<number, number>> {
  const rows = await tables.query<{ bucket: string; people: string }>(
    `SELECT intDiv(toUnixTimestamp64Milli(event_time), {bucket_ms:Int64}) * {bucket_ms:Int64} AS bucket, ${PEOPLE_SQL} AS people
    FROM raw_events
    WHERE event_time >= fromUnixTimestamp64Milli({from:Int64}, 'UTC')
      AND event_time < fromUnixTimestamp64Milli({to:Int64}, 'UTC')
      AND dup = 0
    GROUP BY bucket`,
    {
      parameters: { bucket_ms: range.bucketMs, from: range.from, to: range.to },
      deadlineMs: PEOPLE_DEADLINE_MS,
    },
  )
  return new Map(rows.map((row) => [Number(row.bucket), Number(row.people)]))
}

/** Distinct people with an event at or after `since`, UTC milliseconds. */
export async function activePeople(tables: Tables, since: number): Promise<number> {
  const [row] = await tables.query<{ people: string }>(
    `SELECT ${PEOPLE_SQL} AS people FROM raw_events
    WHERE event_time >= fromUnixTimestamp64Milli({since:Int64}, 'UTC')
      AND dup = 0 AND (user_id != '' OR anonymous_id != '')`,
    { parameters: { since } },
  )
  return Number(row?.people ?? 0)
}
