import { describe, expect, test } from 'vitest'
import { memoryOf } from './candidates/history.fixture.ts'
import { popular } from './candidates/popular.ts'
import { CANDIDATES } from './candidates/registry.ts'
import { reasonsOf } from './reasons.ts'

const TITLES = ['Garden spade', 'Rake', 'Hose', 'Bucket', 'x'.repeat(61), '🪴'.repeat(60)]
const NAMES = {
  productId: (item: number) => `p${item}`,
  title: (item: number) => TITLES[item] ?? '',
  category: (item: number) => (item === 1 ? 'tools' : undefined),
}

function textsOf(item: number, evidence: readonly number[]): Record<string, string | undefined> {
  const [ofCategory] =
    popular.create(memoryOf()).fillIns?.({
      items: [],
      ages: [],
      bought: [],
      limit: 1,
      category: 'tools',
    }) ?? []
  const sources = [...CANDIDATES.map(({ candidate }) => candidate), ofCategory?.source ?? popular]
  return Object.fromEntries(
    sources.map((source) => {
      const [reason] = reasonsOf(item, [{ source, share: 1, evidence }], NAMES)
      return [source.name, reason?.text]
    }),
  )
}

describe('what a customer is told', () => {
  test('names the newest product that led to the item', () => {
    expect(textsOf(1, [0, 2])).toMatchObject({
      session: 'Others who looked at Garden spade in a visit like yours also chose this.',
      transition: 'Often chosen right after Garden spade.',
      text: 'Described much like Garden spade.',
      bought_together: 'Often chosen together with Garden spade.',
      repeat: 'You bought this before.',
      popular: 'Popular with everybody.',
      trending: 'More in demand than usual right now.',
      category: 'Popular in tools.',
    })
  })

  test('is a sentence without it too', () => {
    expect(textsOf(2, [])).toMatchObject({
      session: 'Others with an interest like yours also chose this.',
      transition: 'Often chosen next.',
      text: 'Described alike.',
      bought_together: 'Often chosen together with what you looked at.',
      repeat: 'You bought this before.',
      popular: 'Popular with everybody.',
      trending: 'More in demand than usual right now.',
      category: 'Popular of its kind.',
    })
  })

  test('is a whole sentence whichever candidate it comes from', () => {
    const texts = [textsOf(1, [0]), textsOf(2, [])].flatMap((each) => Object.values(each))
    expect(texts.filter((text) => !/^[A-Z].*\.$/.test(text ?? ''))).toEqual([])
    expect(texts.filter((text) => text?.includes('undefined'))).toEqual([])
  })

  test('cuts a title of more than 60 characters, and counts characters as people do', () => {
    expect(textsOf(1, [4])['transition']).toBe(`Often chosen right after ${'x'.repeat(59)}….`)
    expect(textsOf(1, [5])['transition']).toBe(`Often chosen right after ${'🪴'.repeat(60)}.`)
  })
})

test('a reason has three products as evidence at most, the newest, and its share to three digits', () => {
  const source = { name: 'session', sentence: () => '' }
  const shares = [
    { source, share: 2 / 3, evidence: [3, 2, 1, 0] },
    { source: { ...source, name: 'popular' }, share: 1 / 3, evidence: [] },
  ]
  expect(reasonsOf(5, shares, NAMES)).toEqual([
    { source: 'session', score: 0.667, text: '', evidence: ['p3', 'p2', 'p1'] },
    { source: 'popular', score: 0.333, text: '', evidence: [] },
  ])
})
