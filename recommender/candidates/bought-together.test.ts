import fc from 'fast-check'
import { expect, test } from 'vitest'
import { BoughtTogether, boughtTogether } from './bought-together.ts'
import {
  contexts,
  expectShares,
  histories,
  proposed,
  type Step,
  scoresOf,
  visitsOf,
} from './history.fixture.ts'

test('a score is a shrunk cosine, in whatever order two items were chosen', () => {
  const source = new BoughtTogether(10, 5, { shrink: 1, contextMoments: 4, contextDecay: 0.5 })
  for (const [recent, item] of [
    [[], 1],
    [[1], 2],
    [[2, 1], 3],
    [[], 1],
  ] as const)
    source.learn({ recent, item, isRepeat: false })
  // Counts: 1 twice, 2 and 3 once; every pair once.
  const norm = Math.sqrt(2 * 1) + 1
  const near = scoresOf(source.propose({ items: [1], ages: [0] }))
  expect(near.get(2)).toBeCloseTo(1 / norm)
  expect(near.get(3)).toBeCloseTo(1 / norm)
  const both = scoresOf(source.propose({ items: [1, 2], ages: [0, 1] }))
  expect(both.get(3)).toBeCloseTo(1 / norm + 0.5 / (Math.sqrt(1) + 1))
})

test('from any history it proposes items of the same people, by how often together against how often at all', async () => {
  await fc.assert(
    fc.asyncProperty(histories, contexts, async (history, context) => {
      const { seen, together } = counts(history)
      const truth = new Map<number, number>()
      for (const [position, other] of context.items.entries()) {
        const age = context.ages[position] ?? 0
        if (age >= 4) continue
        for (const [item, count] of together.get(other) ?? []) {
          const norm = Math.sqrt((seen.get(other) ?? 0) * (seen.get(item) ?? 0)) + 5
          truth.set(item, (truth.get(item) ?? 0) + (0.6 ** age * count) / norm)
        }
      }
      const candidates = await proposed(boughtTogether, history, context)
      expectShares(scoresOf(candidates), truth)
      for (const item of truth.keys()) {
        const company = context.items.filter(
          (other, at) => (context.ages[at] ?? 0) < 4 && together.get(other)?.has(item) === true,
        )
        expect(candidates.evidence(item)).toEqual(company)
      }
    }),
  )
})

/** How often each item was a step, and each pair: a step with each of its person's newest items before it, both ways. */
function counts(history: readonly Step[]) {
  const seen = new Map<number, number>()
  const together = new Map<number, Map<number, number>>()
  const pair = (a: number, b: number) => {
    const row = together.get(a) ?? new Map<number, number>()
    together.set(a, row.set(b, (row.get(b) ?? 0) + 1))
  }
  const steps = new Set(visitsOf(history).flat())
  for (const [at, step] of history.entries()) {
    if (!steps.has(step)) continue
    seen.set(step.item, (seen.get(step.item) ?? 0) + 1)
    const before = history.slice(0, at).filter(({ person }) => person === step.person)
    for (const other of new Set(before.map(({ item }) => item))) {
      if (other === step.item) continue
      pair(step.item, other)
      pair(other, step.item)
    }
  }
  return { seen, together }
}
