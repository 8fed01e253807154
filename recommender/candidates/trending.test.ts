import fc from 'fast-check'
import { expect, test } from 'vitest'
import { expectShares, histories, proposed, scoresOf } from './history.fixture.ts'
import { Trending, trending } from './trending.ts'

const HOUR = 3_600_000

test('trending is what is wanted more than usual, not what is wanted most', () => {
  const source = new Trending(10)
  for (let hour = 0; hour < 24 * 28; hour++)
    for (const _ of [1, 2, 3]) source.learn({ item: 1, time: hour * HOUR })
  for (let event = 0; event < 8; event++) source.learn({ item: 2, time: 24 * 28 * HOUR })
  const result = scoresOf(source.propose())
  expect(result.get(2)).toBeGreaterThan(result.get(1) ?? 0)
})

test('from any history it proposes items by how far the last hours are above what the last weeks lead to expect', async () => {
  await fc.assert(
    fc.asyncProperty(histories, async (history) => {
      const now = history.at(-1)?.time ?? 0
      const decayed = (item: number, halfLife: number) =>
        history
          .filter((step) => step.item === item)
          .reduce((sum, { time }) => sum + 2 ** ((time - now) / halfLife), 0)
      const truth = new Map<number, number>()
      for (const { item } of history) {
        const expected = (decayed(item, 7 * 24 * HOUR) * 6) / (7 * 24)
        truth.set(item, (decayed(item, 6 * HOUR) - expected) / Math.sqrt(expected + 1))
      }
      expectShares(scoresOf(await proposed(trending, history, {})), truth)
    }),
  )
})

test('what is no longer in demand is not trending', () => {
  const source = new Trending(10)
  for (let event = 0; event < 20; event++) source.learn({ item: 1, time: 0 })
  source.learn({ item: 2, time: 7 * 24 * HOUR })
  expect([...scoresOf(source.propose()).keys()]).toEqual([2])
})
