import { expect, test } from 'vitest'
import { Blend } from './blend.ts'
import type { Candidates } from './candidates/candidates.ts'
import { fill } from './fill.ts'

function candidates(source: Candidates['source'], scores: Record<number, number>): Candidates {
  return {
    source,
    items: Object.keys(scores).map(Number),
    scores: Object.values(scores),
    evidence: (item) => [item + 100],
  }
}

const all = () => true

test('each list is divided by its maximum and weighted, and the shares say what each gave', () => {
  const ranked = new Blend(10).rank(
    [
      { candidates: candidates('session', { 1: 4, 2: 2 }), weight: 1 },
      { candidates: candidates('transition', { 2: 10, 3: 5 }), weight: 0.3 },
    ],
    10,
    all,
  )
  expect(ranked).toMatchObject([
    { item: 1, score: 1, shares: [{ source: 'session', share: 1, evidence: [101] }] },
    {
      item: 2,
      score: 0.8,
      shares: [
        { source: 'session', share: 0.625 },
        { source: 'transition', share: expect.closeTo(0.375) },
      ],
    },
    { item: 3, score: 0.15 },
  ])
})

test('what is not allowed neither appears nor sets the scale', () => {
  const session = candidates('session', { 1: 100, 2: 2, 3: 1 })
  const ranked = new Blend(10).rank([{ candidates: session, weight: 1 }], 10, (item) => item !== 1)
  expect(ranked.map(({ item, score }) => [item, score])).toEqual([
    [2, 1],
    [3, 0.5],
  ])
})

test('equal scores are ordered by item number, also at the cut', () => {
  const session = candidates('session', { 5: 1, 4: 1, 3: 1, 2: 1 })
  const ranked = new Blend(10).rank([{ candidates: session, weight: 1 }], 2, all)
  expect(ranked.map(({ item }) => item)).toEqual([2, 3])
})

test('empty lists make an empty list', () => {
  const blend = new Blend(10)
  expect(blend.rank([], 5, all)).toEqual([])
  expect(blend.rank([{ candidates: candidates('session', {}), weight: 1 }], 5, all)).toEqual([])
})

test('a short list is filled in the order of the fillers, never above what comes before', () => {
  const ranked = [{ item: 1, score: 0.004, shares: [] }]
  const filled = fill(
    ranked,
    [candidates('category', { 2: 5, 3: 9, 1: 3 }), candidates('popular', { 3: 1, 4: 1 })],
    { limit: 6, allowed: (item) => item !== 7, rest: [1, 6, 7, 8, 9] },
  )
  expect(filled.map(({ item }) => item)).toEqual([1, 3, 2, 4, 6, 8])
  const scores = filled.map(({ score }) => score)
  expect(scores).toEqual(scores.toSorted((a, b) => b - a))
  expect(filled[1]?.shares).toEqual([{ source: 'category', share: 1, evidence: [] }])
})
