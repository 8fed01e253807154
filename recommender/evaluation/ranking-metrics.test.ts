import fc from 'fast-check'
import { expect, test } from 'vitest'
import { RankingMetrics } from './ranking-metrics.ts'

const list = Array.from({ length: 20 }, (_, rank) => `i${rank + 1}`)

test('one target: by its rank', () => {
  const metrics = new RankingMetrics()
  metrics.add(list, new Set(['i3']))
  metrics.add(list, new Set(['i11']))
  metrics.add(list, new Set(['none']))
  metrics.add(list, new Set(['i1']))
  expect(metrics.predictions).toBe(4)
  expect(metrics.itemsShown).toBe(20)
  expect(metrics.means()).toEqual({
    hr_at_10: 2 / 4,
    ndcg_at_10: (1 / 2 + 1) / 4,
    mrr_at_20: (1 / 3 + 1 / 11 + 1) / 4,
    recall_at_20: 3 / 4,
  })
  expect(metrics.standardErrors().hr_at_10).toBeCloseTo(Math.sqrt((0.5 * 0.5) / 4))
})

test('several targets: the ideal list has all of them first', () => {
  const metrics = new RankingMetrics()
  metrics.add(list, new Set(['i2', 'i4', 'i15', 'none']))
  const ideal = 1 + 1 / Math.log2(3) + 1 / 2 + 1 / Math.log2(5)
  const values = metrics.means()
  expect(values.ndcg_at_10).toBeCloseTo((1 / Math.log2(3) + 1 / Math.log2(5)) / ideal)
  expect(values.mrr_at_20).toBe(1 / 2)
  expect(values.recall_at_20).toBe(3 / 4)
})

/** As published: binary relevance, and DCG with the logarithm to base 2 (Järvelin and Kekäläinen 2002). */
function published(items: readonly string[], targets: ReadonlySet<string>) {
  const dcg = (relevance: readonly number[]) =>
    relevance.slice(0, 10).reduce((sum, gain, at) => sum + gain / Math.log2(at + 2), 0)
  const relevance = items.map((item) => (targets.has(item) ? 1 : 0))
  const first = relevance.indexOf(1)
  return {
    hr_at_10: relevance.slice(0, 10).includes(1) ? 1 : 0,
    ndcg_at_10: dcg(relevance) / dcg(Array.from(targets, () => 1)),
    mrr_at_20: first < 0 ? 0 : 1 / (first + 1),
    recall_at_20: relevance.filter((gain) => gain > 0).length / targets.size,
  }
}

test('any lists have the means and the standard errors of the published formulas', () => {
  const item = fc.nat(24).map((number) => `i${number + 1}`)
  const prediction = fc.record({
    length: fc.nat(20),
    targets: fc.uniqueArray(item, { minLength: 1, maxLength: 15 }),
  })
  fc.assert(
    fc.property(fc.array(prediction, { minLength: 1, maxLength: 12 }), (predictions) => {
      const metrics = new RankingMetrics()
      const truth = predictions.map(({ length, targets }) => {
        metrics.add(list.slice(0, length), new Set(targets))
        return published(list.slice(0, length), new Set(targets))
      })
      for (const name of ['hr_at_10', 'ndcg_at_10', 'mrr_at_20', 'recall_at_20'] as const) {
        const values = truth.map((value) => value[name])
        const mean = values.reduce((sum, value) => sum + value, 0) / values.length
        const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length
        expect(metrics.means()[name]).toBeCloseTo(mean, 9)
        expect(metrics.standardErrors()[name]).toBeCloseTo(Math.sqrt(variance / values.length), 6)
      }
      expect(metrics.itemsShown).toBe(Math.max(...predictions.map(({ length }) => length)))
    }),
  )
})
