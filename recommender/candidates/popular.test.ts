import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  expectShares,
  histories,
  memoryOf,
  proposed,
  ROOMY,
  type Step,
  scoresOf,
} from './history.fixture.ts'
import { Popularity, popular } from './popular.ts'

const DAY = 24 * 3_600_000

/** The mean over half-lives of three and of seven days of an item's decayed count, each as a share of the highest. */
function popularity(history: readonly Step[]): Map<number, number> {
  const end = history.at(-1)?.time ?? 0
  const mean = new Map<number, number>()
  for (const days of [3, 7]) {
    const counts = new Map<number, number>()
    for (const { item, time } of history)
      counts.set(item, (counts.get(item) ?? 0) + 2 ** ((time - end) / (days * DAY)))
    const highest = Math.max(...counts.values())
    for (const [item, count] of counts) mean.set(item, (mean.get(item) ?? 0) + count / highest / 2)
  }
  return mean
}

test('from any history it proposes what was wanted most of late, to everybody alike', async () => {
  await fc.assert(
    fc.asyncProperty(histories, async (history) => {
      const candidates = await proposed(popular, history, {})
      expectShares(scoresOf(candidates), popularity(history))
      expect(candidates.evidence(0)).toEqual([])
    }),
  )
})

test('newer interest outweighs older', () => {
  const popularity = new Popularity(ROOMY, () => [])
  for (const item of [1, 1, 1]) popularity.learn({ item, time: 0 })
  for (const item of [2, 3]) popularity.learn({ item, time: 30 * DAY })
  expect(Array.from(popularity.propose().items)).toEqual([2, 3, 1])
})

describe('lists to fill up from', () => {
  const categories: readonly (readonly string[])[] = [
    ['garden', 'hoses'],
    ['garden', 'spades'],
    ['kitchen'],
    [],
  ]
  const popularity = new Popularity(ROOMY, (item) => categories[item] ?? [])
  for (const item of [0, 1, 1, 2, 3]) popularity.learn({ item, time: 0 })
  const listsFor = (items: readonly number[], category?: string) =>
    popularity
      .fillIns({ items, category })
      .map(({ source, candidates }) => [source.name, Array.from(candidates.items)])
  const all = ['popular', [1, 0, 2, 3]]

  test('are of the category asked for, then of the shop', () => {
    expect(listsFor([2], 'garden')).toEqual([['category', [1, 0]], all])
    expect(listsFor([], 'boats')).toEqual([['category', []], all])
  })

  test('else of the narrowest category of each of the two newest items, once each', () => {
    expect(listsFor([0, 2, 1])).toEqual([['category', [0]], ['category', [2]], all])
    expect(listsFor([1, 1])).toEqual([['category', [1]], all])
    expect(listsFor([3])).toEqual([all])
    expect(listsFor([])).toEqual([all])
  })

  test('hold no more categories than the limit, the first ones learned', () => {
    const few = new Popularity({ items: 4, categories: 1 }, (item) => [`c${item}`])
    for (const item of [0, 1]) few.learn({ item, time: 0 })
    const ofCategory = (category: string) =>
      Array.from(few.fillIns({ items: [], category })[0]?.candidates.items ?? [])
    expect(ofCategory('c0')).toEqual([0])
    expect(ofCategory('c1')).toEqual([])
  })
})

test('a product counts for the categories that the catalogue names at the time of the encounter', async () => {
  const memory = memoryOf()
  const facts = { title: '', priceMinor: 0, currency: '', brand: '', stock: null }
  memory.products.upsert('p1', { ...facts, category: ['lamps'] })
  const source = popular.create(memory)
  source.learn?.({ item: 1, time: 0, steps: [], recent: [], isRepeat: false })
  const lists = source.fillIns?.({ items: [1], ages: [0], bought: [], limit: 5 }) ?? []
  expect(lists.map(({ candidates }) => Array.from(candidates.items))).toEqual([[1], [1]])
})
