import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { SessionIndex } from '../sessions/session-index.ts'
import {
  contexts,
  expectShares,
  histories,
  proposed,
  scoresOf,
  visitsOf,
} from './history.fixture.ts'
import {
  type NeighbourSettings,
  SessionNeighbours,
  sessionNeighbours,
} from './session-neighbours.ts'

const PLAIN: NeighbourSettings = {
  sessionsPerItem: 10,
  neighbours: 10,
  contextMoments: 10,
  contextDecay: null,
  matchDecay: null,
  distanceDecay: null,
  lengthExponent: 0,
  idf: { base: 1, weight: 0 },
}

function indexOf(sessions: readonly (readonly number[])[]): SessionIndex {
  const index = new SessionIndex({ clicks: 100, sessions: 20, items: 10 })
  for (const items of sessions) {
    const session = index.open()
    for (const item of items) index.append(session, item, 0)
  }
  return index
}

function scores(index: SessionIndex, items: number[], settings: Partial<NeighbourSettings> = {}) {
  const source = new SessionNeighbours(index, 10, { ...PLAIN, ...settings })
  const candidates = source.propose({ items, ages: items.map((_, age) => age) })
  const byItem = Array.from(candidates.items, (item, at) => [item, candidates.scores[at]] as const)
  return Object.fromEntries(byItem.toSorted(([a], [b]) => a - b))
}

describe('session neighbours', () => {
  const index = indexOf([
    [1, 2, 3],
    [2, 4],
    [5, 6],
  ])

  test('every session votes for its items with the number of items that it shares', () => {
    expect(scores(index, [2, 1])).toEqual({ 1: 2, 2: 3, 3: 2, 4: 1 })
  })

  test('older items of the context count less, by age', () => {
    const e = Math.exp(-1 / 2)
    const result = scores(index, [2, 1], { contextDecay: 2 })
    expect(result[3]).toBeCloseTo(1 + e)
    expect(result[4]).toBeCloseTo(1)
  })

  test('items far from the newest shared one count less', () => {
    const result = scores(index, [3], { distanceDecay: 1 })
    expect(result[2]).toBeCloseTo(Math.exp(-1))
    expect(result[1]).toBeCloseTo(Math.exp(-2))
  })

  test('long neighbours count less, and rare items more', () => {
    expect(scores(index, [1], { lengthExponent: 0.5 })[3]).toBeCloseTo(1 / Math.sqrt(3))
    // 3 sessions; item 2 is in two of them, item 3 in one.
    const rare = scores(index, [1], { idf: { base: 1, weight: 2 } })
    expect(rare[2]).toBeCloseTo(1 + 2 * Math.log(3 / 2))
    expect(rare[3]).toBeCloseTo(1 + 2 * Math.log(3))
  })

  test('of each item the newest m sessions are looked at, and the k most similar vote, the newer first', () => {
    const many = indexOf([
      [1, 2],
      [1, 3],
      [1, 4],
    ])
    expect(scores(many, [1], { sessionsPerItem: 2 })).toEqual({ 1: 2, 3: 1, 4: 1 })
    expect(scores(many, [1], { neighbours: 1 })).toEqual({ 1: 1, 4: 1 })
  })

  test('the evidence is what stands beside the item in the same neighbour', () => {
    const source = new SessionNeighbours(index, 10, PLAIN)
    const candidates = source.propose({ items: [5, 2, 1], ages: [0, 1, 2] })
    expect(candidates.evidence(3)).toEqual([2, 1])
    expect(candidates.evidence(4)).toEqual([2])
    expect(candidates.evidence(6)).toEqual([5])
    expect(candidates.evidence(2)).toEqual([1])
  })

  test('a session that a newer one took the place of no longer votes, nor does the newer one for it', () => {
    const small = new SessionIndex({ clicks: 100, sessions: 2, items: 10 })
    for (const items of [
      [1, 2],
      [1, 3],
      [4, 5],
    ]) {
      const session = small.open()
      for (const item of items) small.append(session, item, 0)
    }
    expect(scores(small, [1])).toEqual({ 1: 1, 3: 1 })
  })

  test('a context that nobody knows has no neighbours', () => {
    expect(scores(index, [])).toEqual({})
    expect(scores(index, [9])).toEqual({})
  })
})

test('of any history it proposes what the visits like the context hold', async () => {
  await fc.assert(
    fc.asyncProperty(histories, contexts, async (history, context) => {
      const visits = visitsOf(history).map((visit) => [...new Set(visit.map(({ item }) => item))])
      const votes = new Map<number, number>()
      for (const visit of visits) {
        const shared = context.items.filter((item) => visit.includes(item))
        const [newest] = shared
        if (newest === undefined) continue
        const ages = shared.map((item) => context.ages[context.items.indexOf(item)] ?? 0)
        const likeness =
          ages.reduce((sum, age) => sum + Math.exp(-age / 3), 0) / visit.length ** 0.5
        for (const [at, item] of visit.entries()) {
          const steps = Math.abs(at - visit.indexOf(newest))
          votes.set(item, (votes.get(item) ?? 0) + likeness * Math.exp(-steps / 5))
        }
      }
      for (const [item, score] of votes) {
        const having = visits.filter((visit) => visit.includes(item)).length
        votes.set(item, score * (1 + 3 * Math.log(visits.length / having)))
      }
      const candidates = await proposed(sessionNeighbours, history, context)
      expectShares(scoresOf(candidates), votes)
      for (const item of votes.keys()) {
        const beside = context.items.filter(
          (other) => other !== item && visits.some((v) => v.includes(other) && v.includes(item)),
        )
        expect(candidates.evidence(item)).toEqual(beside)
      }
    }),
  )
})
