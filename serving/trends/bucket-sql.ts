import type { QueryParameter } from '#engines/tables/port.ts'
import type { BucketRange } from './bucket-range.ts'

/** The bucket that a row of a pane table falls into, in seconds since 1970. */
export const PANE_BUCKET =
  'intDiv(toUnixTimestamp(minute), {bucket_seconds:UInt32}) * {bucket_seconds:UInt32}'

/** The rows of a pane table within the range. */
export const PANE_IN_RANGE =
  "minute >= toDateTime({from_seconds:UInt32}, 'UTC') AND minute < toDateTime({to_seconds:UInt32}, 'UTC')"

/** The parameters of both. */
export function rangeParameters(
  range: Omit<BucketRange, 'interval'>,
): Readonly<Record<string, QueryParameter>> {
  return {
    bucket_seconds: range.bucketMs / 1000,
    from_seconds: range.from / 1000,
    to_seconds: range.to / 1000,
  }
}
