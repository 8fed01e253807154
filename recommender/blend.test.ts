import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Blend, type WeightedCandidates } from './blend.ts'
import { fill } from './fill.ts'

function list(source: string, scores: Record<number, number>, weight = 1): WeightedCandidates {
  const candidates = {
    items: Object.keys(scores).map(Number),
    scores: Object.values(scores),
    evidence: (item: number) => [item + 100],
  }
  return { source: { name: source, sentence: () => '' }, candidates, weight }
}

const all = () => true

test('each list is divided by its maximum and weighted, and the shares say what each gave', () => {
  const ranked = new Blend(10).rank(
    [list('session', { 1: 4, 2: 2 }), list('transition', { 2: 10, 3: 5 }, 0.3)],
    10,
    all,
  )
  expect(ranked).toMatchObject([
    { item: 1, score: 1, shares: [{ source: { name: 'session' }, share: 1, evidence: [101] }] },
    {
      item: 2,
      score: 0.8,
      shares: [
        { source: { name: 'session' }, share: 0.625 },
        { source: { name: 'transition' }, share: expect.closeTo(0.375) },
      ],
    },
    { item: 3, score: 0.15 },
  ])
})

test('what is not allowed neither appears nor sets the scale', () => {
  const session = list('session', { 1: 100, 2: 2, 3: 1 })
  const ranked = new Blend(10).rank([session], 10, (item) => item !== 1)
  expect(ranked.map(({ item, score }) => [item, score])).toEqual([
    [2, 1],
    [3, 0.5],
  ])
})

test('equal scores are ordered by item number, also at the cut', () => {
  const session = list('session', { 5: 1, 4: 1, 3: 1, 2: 1 })
  const ranked = new Blend(10).rank([session], 2, all)
  expect(ranked.map(({ item }) => item)).toEqual([2, 3])
})

test('empty lists make an empty list', () => {
  const blend = new Blend(10)
  expect(blend.rank([], 5, all)).toEqual([])
  expect(blend.rank([list('session', {})], 5, all)).toEqual([])
})

test('a short list is filled in the order of the fillers, never above what comes before', () => {
  const ranked = [{ item: 1, score: 0.004, shares: [] }]
  const filled = fill(
    ranked,
    [list('category', { 2: 5, 3: 9, 1: 3 }), list('popular', { 3: 1, 4: 1 })],
    { limit: 6, allowed: (item) => item !== 7, rest: [1, 6, 7, 8, 9] },
  )
  expect(filled.map(({ item }) => item)).toEqual([1, 3, 2, 4, 6, 8])
  const scores = filled.map(({ score }) => score)
  expect(scores).toEqual(scores.toSorted((a, b) => b - a))
  expect(filled[1]?.shares).toMatchObject([
    { source: { name: 'category' }, share: 1, evidence: [] },
  ])
})

test('fillers stay in the order of their own list, of equal scores the lower item number first', () => {
  const filled = fill([], [list('popular', { 4: 2, 3: 2, 9: 8 })], {
    limit: 5,
    allowed: all,
    rest: [],
  })
  expect(filled.map(({ item, score }) => [item, score])).toEqual([
    [9, 0.01],
    [3, 0.0025],
    [4, 0.0025],
  ])
})

test('any lists blend as if each score had been divided, weighted and added up by hand', () => {
  const scores = fc.dictionary(fc.nat(9).map(String), fc.integer({ min: 1, max: 8 }))
  const lists = fc.array(fc.tuple(scores, fc.integer({ min: 1, max: 4 })), { maxLength: 4 })
  const blend = new Blend(10)
  fc.assert(
    fc.property(lists, fc.integer({ min: 1, max: 10 }), fc.nat(9), (made, limit, forbidden) => {
      const given = made.map(([points, weight], index) => list(`c${index}`, points, weight / 2))
      const truth = new Map<number, number>()
      for (const [points, weight] of made) {
        const allowed = Object.entries(points).filter(([item]) => Number(item) !== forbidden)
        const highest = Math.max(...allowed.map(([, score]) => score))
        for (const [item, score] of allowed)
          truth.set(Number(item), (truth.get(Number(item)) ?? 0) + (score / highest) * (weight / 2))
      }
      const ranked = blend.rank(given, limit, (item) => item !== forbidden)
      const order = [...truth].map(([item, score]) => [item, Number(score.toFixed(9))] as const)
      order.sort(([a, x], [b, y]) => y - x || a - b)
      expect(ranked.map(({ score }) => Number(score.toFixed(9)))).toEqual(
        order.slice(0, limit).map(([, score]) => score),
      )
      for (const { item, score, shares } of ranked) {
        expect(score).toBeCloseTo(truth.get(item) ?? 0, 9)
        expect(shares.reduce((sum, { share }) => sum + share, 0)).toBeCloseTo(1, 9)
        const gave = shares.map(({ share }) => share)
        expect(gave).toEqual(gave.toSorted((a, b) => b - a))
      }
    }),
  )
})

test('the order in which the lists come changes no score', () => {
  const lists = [list('a', { 1: 3, 2: 1 }), list('b', { 2: 7, 3: 2 }, 0.5)]
  const scores = (of: WeightedCandidates[]) =>
    new Blend(10).rank(of, 5, all).map(({ item, score }) => [item, score])
  expect(scores(lists.toReversed())).toEqual(scores(lists))
})
