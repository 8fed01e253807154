import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  contexts,
  expectShares,
  histories,
  proposed,
  type Step,
  scoresOf,
  visitsOf,
} from './history.fixture.ts'
import { Transitions, transition } from './transition.ts'

const DAY = 24 * 3_600_000

test('each step further back weighs less, and a transition halves with the half-life', () => {
  const source = new Transitions(10, 5, { halfLifeMs: DAY, contextMoments: 2, contextDecay: 0.5 })
  source.learn({ steps: [1, 2], item: 3, time: 0, isRepeat: false })
  source.learn({ steps: [2], item: 4, time: DAY, isRepeat: false })
  // 2 -> 3 weighs 1, 1 -> 3 a half, 2 -> 4 two: a day later.
  expect(scoresOf(source.propose({ items: [2], ages: [0] }))).toEqual(
    new Map([
      [3, 1],
      [4, 2],
    ]),
  )
  const both = source.propose({ items: [2, 1], ages: [0, 1] })
  expect(scoresOf(both)).toEqual(
    new Map([
      [3, 1 + 0.5 * 0.5],
      [4, 2],
    ]),
  )
  expect(both.evidence(3)).toEqual([2, 1])
  expect(both.evidence(4)).toEqual([2])
})

test('of any history it proposes what followed the newest items within a visit', async () => {
  await fc.assert(
    fc.asyncProperty(histories, contexts, async (history, context) => {
      const truth = new Map<number, number>()
      for (const [position, before] of context.items.entries()) {
        const age = context.ages[position] ?? 0
        if (age >= 3) continue
        for (const [item, weight] of followers(history, before))
          truth.set(item, (truth.get(item) ?? 0) + 0.6 ** age * weight)
      }
      const candidates = await proposed(transition, history, context)
      expectShares(scoresOf(candidates), truth)
      for (const item of truth.keys()) {
        const led = context.items.filter(
          (before, at) => (context.ages[at] ?? 0) < 3 && followers(history, before).has(item),
        )
        expect(candidates.evidence(item)).toEqual(led)
      }
    }),
  )
})

/** What came after an item, at most eight steps later: one over the steps, halved for every thirty days of age. */
function followers(history: readonly Step[], before: number): Map<number, number> {
  const weights = new Map<number, number>()
  const end = history.at(-1)?.time ?? 0
  for (const visit of visitsOf(history))
    for (const [at, { item, time }] of visit.entries())
      for (let steps = 1; steps <= Math.min(8, at); steps++) {
        if (visit[at - steps]?.item !== before || before === item) continue
        const weight = 2 ** ((time - end) / (30 * DAY)) / steps
        weights.set(item, (weights.get(item) ?? 0) + weight)
      }
  return weights
}
