import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { ProblemError } from '#schemas/http/problem.ts'
import { INTERVALS, type Interval, POINTS_MAX } from '#schemas/http/trends.ts'
import { bucketRange, bucketStarts } from './bucket-range.ts'

const NOW = Date.parse('2026-11-22T09:30:30.500Z')
const at = (time: number) => new Date(time).toISOString()

describe('what a query leaves out', () => {
  test('without anything it is the last 60 minutes, the one that is filling included', () => {
    const range = bucketRange({ interval: '1m' }, NOW)
    expect(at(range.from)).toBe('2026-11-22T08:31:00.000Z')
    expect(at(range.to)).toBe('2026-11-22T09:31:00.000Z')
    expect(bucketStarts(range)).toHaveLength(60)
  })

  test('on the edge of a bucket the new one is included', () => {
    const range = bucketRange({ interval: '1m' }, Date.parse('2026-11-22T09:30:00.000Z'))
    expect(at(range.to)).toBe('2026-11-22T09:31:00.000Z')
  })

  test('a wider interval reaches back as many buckets', () => {
    const range = bucketRange({ interval: '1d' }, NOW)
    expect(at(range.from)).toBe('2026-09-24T00:00:00.000Z')
    expect(at(range.to)).toBe('2026-11-23T00:00:00.000Z')
  })

  test('`from` alone reaches to now, `to` alone 60 buckets back', () => {
    const from = Date.parse('2026-11-22T09:00:10Z')
    expect(bucketStarts(bucketRange({ interval: '1m', from }, NOW))).toHaveLength(31)
    const to = Date.parse('2010-01-01T00:00:00Z')
    const range = bucketRange({ interval: '1h', to }, NOW)
    expect(at(range.from)).toBe('2009-12-29T12:00:00.000Z')
  })

  test('near 1970 the default begins with it', () => {
    expect(bucketRange({ interval: '1d', to: 86_400_000 }, NOW).from).toBe(0)
  })
})

test('buckets are aligned in UTC, cover the range and nothing more', () => {
  fc.assert(
    fc.property(
      fc.constantFrom<Interval>('1m', '5m', '15m', '1h', '1d'),
      fc.integer({ min: 0, max: NOW }),
      fc.integer({ min: 1, max: 590_000_000 }),
      (interval, from, length) => {
        const range = bucketRange({ interval, from, to: from + length }, NOW)
        const width = INTERVALS[interval]
        const starts = bucketStarts(range)
        expect(starts[0]).toBe(range.from)
        expect(starts.every((start) => start % width === 0)).toBe(true)
        expect(range.from).toBeLessThanOrEqual(from)
        expect(from - range.from).toBeLessThan(width)
        expect(range.to).toBeGreaterThanOrEqual(from + length)
        expect(range.to - (from + length)).toBeLessThan(width)
        expect(starts).toHaveLength((range.to - range.from) / width)
      },
    ),
  )
})

describe('ranges that are refused', () => {
  test.each([
    ['empty', { from: NOW, to: NOW }, 'from must be before to'],
    ['backward', { from: NOW, to: NOW - 1 }, 'from must be before to'],
    ['in the future', { from: NOW + 60_000 }, 'from must not be in the future'],
  ])('%s', (_, query, detail) => {
    const refused = refusal({ interval: '1m', ...query })
    expect(refused.kind).toBe('invalid-request')
    expect(refused.message).toBe(detail)
    expect(refused.extras.errors).toEqual([{ pointer: '/from', detail }])
  })

  test('more points than the limit, which the message names', () => {
    const minutes = (count: number) => ({ from: 0, to: count * 60_000, interval: '1m' }) as const
    expect(bucketStarts(bucketRange(minutes(POINTS_MAX), NOW))).toHaveLength(POINTS_MAX)
    expect(refusal(minutes(POINTS_MAX + 1)).message).toBe(
      `this would be ${POINTS_MAX + 1} points and ${POINTS_MAX} is the most: shorten the range or widen the interval`,
    )
  })

  test('ten years by day are within it', () => {
    const range = bucketRange({ interval: '1d', from: Date.parse('2016-11-22') }, NOW)
    expect(bucketStarts(range)).toHaveLength(3653)
  })
})

function refusal(query: Parameters<typeof bucketRange>[0]): ProblemError {
  try {
    bucketRange(query, NOW)
  } catch (error) {
    if (error instanceof ProblemError) return error
  }
  throw new Error('the range was not refused')
}
