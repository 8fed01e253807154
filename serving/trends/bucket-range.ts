import { ProblemError } from '#schemas/http/problem.ts'
import {
  BUCKETS_DEFAULT,
  INTERVALS,
  type Interval,
  POINTS_MAX,
  type TrendQuery,
} from '#schemas/http/trends.ts'

/** Whole buckets, `[from, to)`; times are UTC milliseconds and multiples of `bucketMs`. */
export interface BucketRange {
  readonly interval: Interval
  readonly bucketMs: number
  readonly from: number
  readonly to: number
}

/**
 * The buckets of a query: defaults applied, both ends extended to whole buckets.
 * @throws ProblemError invalid-request when it is empty or has more than POINTS_MAX buckets
 */
export function bucketRange(query: TrendQuery, now: number): BucketRange {
  const bucketMs = INTERVALS[query.interval]
  const end = query.to ?? now + 1
  const to = Math.ceil(end / bucketMs) * bucketMs
  const start = query.from ?? Math.max(0, to - BUCKETS_DEFAULT * bucketMs)
  if (start >= end) {
    const detail =
      query.to === undefined ? 'from must not be in the future' : 'from must be before to'
    throw invalidRange(detail)
  }
  const from = Math.floor(start / bucketMs) * bucketMs
  checkPoints((to - from) / bucketMs)
  return { interval: query.interval, bucketMs, from, to }
}

/** @throws ProblemError invalid-request beyond POINTS_MAX */
export function checkPoints(points: number): void {
  if (points <= POINTS_MAX) return
  throw invalidRange(
    `this would be ${points} points and ${POINTS_MAX} is the most: shorten the range or widen the interval`,
  )
}

/** The start of every bucket, the oldest first. */
export function bucketStarts({ from, to, bucketMs }: BucketRange): readonly number[] {
  return Array.from({ length: (to - from) / bucketMs }, (_, index) => from + index * bucketMs)
}

function invalidRange(detail: string): ProblemError {
  return new ProblemError('invalid-request', detail, { errors: [{ pointer: '/from', detail }] })
}
