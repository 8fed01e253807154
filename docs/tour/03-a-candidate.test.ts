/**
 * Chapter 3: a candidate.
 *
 * A candidate is one idea of what somebody wants next: it learns from every encounter of a person with an item, and
 * proposes items with scores. Its file and a line in the registry are all there is: weights, reasons, the API's
 * `source` and the evaluation follow.
 *
 * Read next: recommender/candidates/candidate.ts, recommender/candidates/registry.ts, recommender/blend.ts.
 */
import { expect, test } from 'vitest'
import type { CandidateDeclaration } from '#recommender/candidates/candidate.ts'
import { proposed, type Step, scoresOf } from '#recommender/candidates/history.fixture.ts'

/** What was bought or looked at last, by anybody. */
const newest: CandidateDeclaration<'newest'> = {
  name: 'newest',
  sentence: ({ category }) => `Just looked at by others${category ? `, in ${category}` : ''}`,
  create: () => {
    const lastMet = new Map<number, number>()
    return {
      learn: ({ item, time }) => void lastMet.set(item, time),
      propose: () => ({
        items: [...lastMet.keys()],
        scores: [...lastMet.values()],
        evidence: () => [],
      }),
    }
  },
}

const NOON = Date.UTC(2026, 10, 29, 12)
const meets = (person: string, item: number, minutes: number): Step => ({
  person,
  item,
  time: NOON + minutes * 60_000,
  bought: false,
})

test('it proposes what it has learned, with scores', async () => {
  const history = [meets('ann', 1, 0), meets('bob', 2, 1), meets('ann', 3, 2), meets('cid', 1, 3)]
  const scores = scoresOf(await proposed(newest, history, {}))
  const best = [...scores].sort(([, a], [, b]) => b - a).map(([item]) => item)
  expect(best).toEqual([1, 3, 2])
})

test('it says why, in a sentence for a customer', () => {
  expect(newest.sentence({ title: undefined, category: 'tea' })).toBe(
    'Just looked at by others, in tea',
  )
})
