import { describe, expect, test } from 'vitest'
import { CANDIDATES } from '../candidates/registry.ts'
import { order, product, view } from '../events.fixture.ts'
import { servedAlone, servedRecommender } from './contender.ts'
import { popularityBaseline } from './popularity-baseline.ts'

const LIMITS = {
  items: 50,
  people: 50,
  purchases: 500,
  clicks: 500,
  sessions: 50,
  openSessions: 50,
}
const VISITS = ['u1', 'u2', 'u3'].flatMap((user) => [view(user, 'a'), view(user, 'b')])
const OTHERS = ['u4', 'u5', 'u6', 'u7'].map((user) => view(user, 'c'))

describe('the popularity that lists are held against', () => {
  test('counts views, carts and each line of an order alike, for ever', async () => {
    const baseline = popularityBaseline()
    const carted = { ...view('u1', 'b'), type: 'CartItemAdded' as const, quantity: 9 }
    const cart = { ...carted, unit_price_minor: 1, currency: 'GBP' }
    for (const event of [view('u1', 'a'), order('u2', ['b', 'c']), cart, order('u3', ['b', 'c'])])
      baseline.learn(event as Parameters<typeof baseline.learn>[0])
    expect(await baseline.recommend(['z'], 5)).toEqual(['b', 'c', 'a'])
  })

  test('learns nothing from the catalogue, and leaves the current product out', async () => {
    const baseline = popularityBaseline()
    for (const event of [product({ product_id: 'x' }), ...OTHERS, ...VISITS]) baseline.learn(event)
    expect(await baseline.recommend(['c'], 5)).toEqual(['a', 'b'])
    expect(await baseline.recommend(['c', 'a'], 1)).toEqual(['c'])
  })
})

test('any candidate can be evaluated alone, through the code that serves', async () => {
  for (const { candidate } of CANDIDATES) {
    const contender = servedAlone(candidate.name, LIMITS)
    for (const event of [...VISITS, ...OTHERS]) contender.learn(event)
    const list = await contender.recommend(['a'], 5)
    expect(list.toSorted(), candidate.name).toEqual(['b', 'c'])
  }
})

test('alone, a candidate ranks by itself', async () => {
  const first = async (...names: Parameters<typeof servedAlone>) => {
    const contender = servedAlone(...names)
    for (const event of [...VISITS, ...OTHERS]) contender.learn(event)
    return (await contender.recommend(['a'], 1))[0]
  }
  expect(await first('transition', LIMITS)).toBe('b')
  expect(await first('popular', LIMITS)).toBe('c')
})

test('what is served is deterministic: the same events, the same lists', async () => {
  const [one, two] = [servedRecommender(undefined, LIMITS), servedRecommender(undefined, LIMITS)]
  for (const event of [...VISITS, ...OTHERS]) {
    one.learn(event)
    two.learn(event)
  }
  expect(await one.recommend(['b'], 20)).toEqual(await two.recommend(['b'], 20))
})
