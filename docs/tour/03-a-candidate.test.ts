/**
 * Chapter 3: a candidate.
 *
 * A candidate is one idea of what somebody wants next: it learns from every encounter of a person with an item, and
 * proposes items with scores. A real one is a file in recommender/candidates/ and a line in the registry, which names
 * it with its weight in each situation; reasons, the API's `source` and the evaluation follow. It also bounds its
 * memory by `memory.limits`, which `create` is given; this one grows with every item.
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
    const lastSeen = new Map<number, number>()
    return {
      learn: ({ item, time }) => void lastSeen.set(item, time),
      propose: () => ({
        items: [...lastSeen.keys()],
        scores: [...lastSeen.values()],
        evidence: () => [],
      }),
    }
  },
}

const NOON = Date.UTC(2026, 10, 29, 12)
const looks = (person: string, item: number, minutes: number): Step => ({
  person,
  item,
  time: NOON + minutes * 60_000,
  bought: false,
})

test('it proposes what it has learned, with scores', async () => {
  const history = [looks('ann', 1, 0), looks('bob', 2, 1), looks('ann', 3, 2), looks('cid', 1, 3)]
  const scores = scoresOf(await proposed(newest, history, {}))
  const best = [...scores].sort(([, a], [, b]) => b - a).map(([item]) => item)
  expect(best).toEqual([1, 3, 2])
})

test('it says why, in a sentence for a customer', () => {
  expect(newest.sentence({ title: undefined, category: 'tea' })).toBe(
    'Just looked at by others, in tea',
  )
})
