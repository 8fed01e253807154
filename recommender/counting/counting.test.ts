import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { DecayedCounts } from './decayed-counts.ts'
import { ForwardDecay } from './forward-decay.ts'
import { ItemPairs } from './item-pairs.ts'
import { ScoreBoard } from './score-board.ts'
import { topIndexes } from './top-indexes.ts'
import { TopItems } from './top-items.ts'

const HOUR = 3_600_000
const DAY = 24 * HOUR

describe('item pairs', () => {
  test('a full row gives up its lightest partner to a new one, which inherits its weight', () => {
    const pairs = new ItemPairs(2, 2)
    pairs.add(0, 5, 3)
    pairs.add(0, 6, 1)
    pairs.add(0, 7, 1)
    const row: [number, number][] = []
    pairs.forEach(0, (partner, weight) => row.push([partner, weight]))
    expect(row).toEqual([
      [5, 3],
      [7, 2],
    ])
    expect(pairs.has(0, 6)).toBe(false)
    expect(pairs.has(1, 5)).toBe(false)
  })

  test('weights are never too low, and what is heavier than a full share is always there', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(9), { maxLength: 200 }), (partners) => {
        const perItem = 4
        const pairs = new ItemPairs(1, perItem)
        const truth = new Map<number, number>()
        for (const partner of partners) {
          pairs.add(0, partner, 1)
          truth.set(partner, (truth.get(partner) ?? 0) + 1)
        }
        pairs.forEach(0, (partner, weight) =>
          expect(weight).toBeGreaterThanOrEqual(truth.get(partner) ?? 0),
        )
        const heavy = [...truth].filter(([, count]) => count > partners.length / perItem)
        expect(heavy.filter(([partner]) => !pairs.has(0, partner))).toEqual([])
      }),
    )
  })
})

describe('decay', () => {
  test('counts are what shrinking the past would have made them, over thousands of half-lives', () => {
    const hours = fc.array(fc.integer({ min: 0, max: 200 }), { minLength: 1, maxLength: 40 })
    fc.assert(
      fc.property(hours, (gaps) => {
        const counts = new DecayedCounts(1, HOUR)
        let time = 1e12
        let truth = 0
        for (const gap of gaps) {
          time += gap * HOUR
          truth = truth * 2 ** -gap + 1
          counts.add(0, time)
          expect(counts.asOf(0, time)).toBeCloseTo(truth, 9)
        }
      }),
    )
  })

  test('an event older than the first weighs less than one', () => {
    expect(new ForwardDecay(DAY, () => undefined).weight(0)).toBe(1)
    const decay = new ForwardDecay(DAY, () => undefined)
    decay.weight(DAY)
    expect(decay.weight(0)).toBe(0.5)
  })
})

test('top items are the heaviest in order, as a full sort would have them', () => {
  const offers = fc.array(fc.record({ item: fc.nat(30), by: fc.nat(3) }), { maxLength: 200 })
  fc.assert(
    fc.property(offers, fc.integer({ min: 1, max: 8 }), (steps, capacity) => {
      const weights = new Map<number, number>()
      const weight = (item: number) => weights.get(item) ?? 0
      const top = new TopItems(capacity, weight)
      for (const { item, by } of steps) {
        weights.set(item, weight(item) + by)
        top.offer(item)
      }
      const truth = [...weights.keys()].sort((a, b) => weight(b) - weight(a) || a - b)
      expect(top.items).toEqual(truth.slice(0, capacity))
    }),
  )
})

test('the indexes of the highest scores are those that a full sort puts first', () => {
  const scores = fc.array(fc.integer({ min: 0, max: 6 }), { maxLength: 60 })
  fc.assert(
    fc.property(scores, fc.integer({ min: 1, max: 12 }), fc.boolean(), (values, limit, upwards) => {
      const before = (a: number, b: number) => (upwards ? a - b : b - a)
      const truth = values
        .map((_, index) => index)
        .sort((a, b) => (values[b] ?? 0) - (values[a] ?? 0) || before(a, b))
      expect(topIndexes(Float64Array.from(values), limit, before)).toEqual(truth.slice(0, limit))
    }),
  )
})

test('a score board adds up scores, keeps the order of first scores, and is empty after `take`', () => {
  const board = new ScoreBoard(10)
  const additions = [
    [7, 1],
    [2, 0.5],
    [7, 2],
    [0, 4],
  ] as const
  expect(additions.map(([item, score]) => board.add(item, score))).toEqual([
    true,
    true,
    false,
    true,
  ])
  const { items, scores } = board.take()
  expect(items).toEqual([7, 2, 0])
  expect(Array.from(scores)).toEqual([3, 0.5, 4])
  expect(board.take().items).toEqual([])
  expect(board.add(7, 1)).toBe(true)
})
