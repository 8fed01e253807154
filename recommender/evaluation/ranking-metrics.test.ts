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
