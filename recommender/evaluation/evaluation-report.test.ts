import { expect, test } from 'vitest'
import { evaluationReport, inWords } from './evaluation-report.ts'
import type { ContenderResult } from './next-item-protocol.ts'
import { RankingMetrics } from './ranking-metrics.ts'

/** A contender that put the wanted item at these ranks, and took so many milliseconds each. */
function result(ranks: readonly number[], recommendMs: readonly number[] = []): ContenderResult {
  const metrics = new RankingMetrics()
  for (const rank of ranks) {
    const list = Array.from({ length: 20 }, (_, at) => (at + 1 === rank ? 'wanted' : `i${at}`))
    metrics.add(list, new Set(['wanted']))
  }
  return { metrics, learnMs: 6, learnedEvents: 4_000, recommendMs: [...recommendMs] }
}

const times = Array.from({ length: 200 }, (_, at) => 200 - at)
const report = evaluationReport(
  'P1',
  {
    predictions: 2,
    itemsKnown: 40,
    results: new Map([
      ['popularity', result([20, 0])],
      ['served', result([1, 3], times)],
    ]),
  },
  'served',
)

test('what is served is reported, and all else are its baselines', () => {
  expect(report).toMatchObject({ protocol: 'P1', predictions: 2 })
  expect(report.metrics).toMatchObject({ hr_at_10: 1, mrr_at_20: 0.66667, recall_at_20: 1 })
  expect(Object.keys(report.baselines)).toEqual(['popularity'])
  expect(report.baselines['popularity']).toMatchObject({ hr_at_10: 0, mrr_at_20: 0.025 })
})

test('coverage is the share of the known items that were in any list', () => {
  // i0 to i19 and the wanted one.
  expect(report.metrics.coverage_at_20).toBe(21 / 40)
})

test('learning is in microseconds an event; half and 99 of 100 lists took no longer than said', () => {
  expect(report.learn_us_per_event).toBe(1.5)
  expect(report.recommend_ms).toEqual({ p50: 100, p99: 198 })
})

test('the table names every contender, and the error of each mean of what is served', () => {
  const lines = inWords(report).split('\n')
  expect(lines.map((line) => line.split(/ {2,}/)[0])).toEqual([
    'protocol P1: 2 predictions',
    '',
    'freshet',
    '+/-',
    'popularity',
    'learning 1.5 us an event; recommending p50 100.00 ms, p99 198.00 ms',
  ])
  expect(lines[2]).toMatch(/^freshet +1\.0000 +0\.7500 +0\.6667 +1\.0000 +0\.5250$/)
})

test('a contender that is not there cannot be reported', () => {
  const nothing = { predictions: 0, itemsKnown: 0, results: new Map() }
  expect(() => evaluationReport('P1', nothing, 'served')).toThrow('no contender is called served')
})
