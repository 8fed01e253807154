import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { ForwardDecay } from '../forward-decay.ts'
import type { Candidates } from './candidates.ts'
import { CoOccurrence } from './co-occurrence.ts'
import { DecayedCounts } from './decayed-counts.ts'
import { ItemPairs } from './item-pairs.ts'
import { Popularity } from './popularity.ts'
import { TopItems } from './top-items.ts'
import { Transitions } from './transitions.ts'
import { Trending } from './trending.ts'

const HOUR = 3_600_000
const DAY = 24 * HOUR

function scores({ items, scores: values }: Candidates): Record<number, number> {
  return Object.fromEntries(Array.from(items, (item, at) => [item, values[at] ?? 0]))
}

test('transitions weigh each step further back less, and halve with the half-life', () => {
  const source = new Transitions(10, 5, { halfLifeMs: DAY, contextMoments: 2, contextDecay: 0.5 })
  source.learn([1, 2], 3, 0)
  source.learn([2], 4, DAY)
  // 2 -> 3 weighs 1, 1 -> 3 a half, 2 -> 4 two: a day later.
  expect(scores(source.propose({ items: [2], ages: [0] }))).toEqual({ 3: 1, 4: 2 })
  const both = source.propose({ items: [2, 1], ages: [0, 1] })
  expect(scores(both)).toEqual({ 3: 1 + 0.5 * 0.5, 4: 2 })
  expect(both.evidence(3)).toEqual([2, 1])
  expect(both.evidence(4)).toEqual([2])
})

test('co-occurrence is a shrunk cosine, whatever the order', () => {
  const source = new CoOccurrence(10, 5, { shrink: 1, contextMoments: 4, contextDecay: 0.5 })
  source.learn([], 1)
  source.learn([1], 2)
  source.learn([2, 1], 3)
  source.learn([], 1)
  // Counts: 1 twice, 2 and 3 once; every pair once.
  const norm = Math.sqrt(2 * 1) + 1
  const near = scores(source.propose({ items: [1], ages: [0] }))
  expect(near[2]).toBeCloseTo(1 / norm)
  expect(near[3]).toBeCloseTo(1 / norm)
  const both = scores(source.propose({ items: [1, 2], ages: [0, 1] }))
  expect(both[3]).toBeCloseTo(1 / norm + 0.5 / (Math.sqrt(1) + 1))
})

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

test('popularity prefers what is newer, in the shop and in each category', () => {
  const popularity = new Popularity(10, 100)
  for (const item of [1, 1, 1]) popularity.learn(item, ['garden'], 0)
  popularity.learn(2, ['garden', 'hoses'], 30 * DAY)
  popularity.learn(3, ['kitchen'], 30 * DAY)
  const { items } = popularity.ofAll()
  expect(Array.from(items)).toEqual([2, 3, 1])
  expect(popularity.ofCategory('garden').items).toEqual([2, 1])
  expect(popularity.ofCategory('hoses').items).toEqual([2])
  expect(popularity.ofCategory('none').items).toEqual([])
})

test('trending is what is wanted more than usual, not what is wanted most', () => {
  const trending = new Trending(10)
  for (let hour = 0; hour < 24 * 28; hour++)
    for (const _ of [1, 2, 3]) trending.learn(1, hour * HOUR)
  for (let event = 0; event < 8; event++) trending.learn(2, 24 * 28 * HOUR)
  const result = scores(trending.propose())
  expect(result[2]).toBeGreaterThan(result[1] ?? 0)
})
