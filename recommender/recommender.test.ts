import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { ManualClock } from '#engines/clock/manual-clock.ts'
import type { CommerceEvent } from '#schemas/events.ts'
import { UserRecommendations } from '#schemas/http/recommendations.ts'
import { order, product, view } from './events.fixture.ts'
import { Recommender, type RecommenderOptions } from './recommender.ts'
import { SETTINGS } from './settings.fixture.ts'

const LIMITS = {
  items: 50,
  people: 20,
  purchases: 500,
  clicks: 200,
  sessions: 50,
  openSessions: 20,
  categories: 5,
}

function newRecommender(options: Partial<RecommenderOptions> = {}): Recommender {
  return new Recommender({
    clock: new ManualClock(Date.UTC(2026, 1, 1)),
    newId: () => 'id',
    random: () => 0,
    limits: LIMITS,
    settings: SETTINGS,
    ...options,
  })
}

function learned(events: readonly CommerceEvent[], options: Partial<RecommenderOptions> = {}) {
  const recommender = newRecommender(options)
  for (const event of events) recommender.learn(event)
  return recommender
}

async function listFor(
  recommender: Recommender,
  userId: string,
  more: { limit?: number; category?: string; exclude?: string[] } = {},
) {
  const request = { userId, limit: 10, surface: 'home', exclude: [], ...more } as const
  const { items } = await recommender.forUser(request)
  return items.map((item) => item.product_id)
}

const CATALOGUE = ['a', 'b', 'c', 'd', 'e'].map((id) =>
  product({ product_id: id, category: id < 'c' ? ['home', 'lamps'] : ['garden'] }),
)

describe('lists', () => {
  test('have the shape that is promised, with reasons that name their evidence', async () => {
    const recommender = learned([...CATALOGUE, view('u1', 'a'), view('u1', 'b'), view('u2', 'a')])
    const answer = await recommender.forUser({
      userId: 'u2',
      limit: 3,
      surface: 'home',
      exclude: [],
    })
    expect(UserRecommendations.parse(answer)).toEqual(answer)
    expect(answer.items[0]).toMatchObject({
      product_id: 'b',
      title: 'The b',
      category: ['home', 'lamps'],
      price_minor: 100,
      currency: 'GBP',
    })
    const reasons = answer.items[0]?.reasons ?? []
    expect(reasons.map(({ source }) => source)).toEqual([
      'session',
      'transition',
      'bought_together',
    ])
    expect(reasons.reduce((sum, { score }) => sum + score, 0)).toBeCloseTo(1, 2)
    for (const reason of reasons) {
      expect(reason.evidence).toEqual(['a'])
      expect(reason.text).toContain('The a')
    }
  })

  test('never hold what the person looks at, has bought, or what the caller excludes', async () => {
    const recommender = learned([...CATALOGUE, order('u1', ['b', 'c']), view('u1', 'a')])
    expect(await listFor(recommender, 'u1')).toEqual(['d', 'e'])
    expect(await listFor(recommender, 'u1', { exclude: ['d', 'unknown'] })).toEqual(['e'])
  })

  test('may hold bought items where the shop wants that, because they were bought', async () => {
    const settings = { ...SETTINGS, excludeBought: false }
    const recommender = learned(
      [...CATALOGUE, order('u1', ['b']), order('u1', ['b', 'c']), view('u1', 'a')],
      { settings },
    )
    const { items } = await recommender.forUser({
      userId: 'u1',
      limit: 5,
      surface: 'home',
      exclude: [],
    })
    expect(items[0]?.product_id).toBe('b')
    expect(items[0]?.reasons.map(({ source }) => source)).toContain('repeat')
  })

  test('never hold what was removed or is out of stock, until it comes back', async () => {
    const recommender = learned([
      ...CATALOGUE,
      product({ product_id: 'a', stock: 0 }),
      { ...product({ product_id: 'b' }), type: 'ProductRemoved' } as CommerceEvent,
      view('u1', 'b'),
    ])
    expect(await listFor(recommender, 'u2')).toEqual(['c', 'd', 'e'])
    recommender.learn(product({ product_id: 'a', stock: 3 }))
    recommender.learn(product({ product_id: 'b' }))
    expect(await listFor(recommender, 'u2')).toEqual(expect.arrayContaining(['a', 'b']))
  })

  test('keep to the category asked for, wide or narrow', async () => {
    const recommender = learned([...CATALOGUE, view('u1', 'c'), view('u2', 'c'), view('u2', 'd')])
    expect(await listFor(recommender, 'u1', { category: 'home' })).toEqual(['a', 'b'])
    expect(await listFor(recommender, 'u1', { category: 'lamps' })).toEqual(['a', 'b'])
    expect(await listFor(recommender, 'u1', { category: 'garden' })).toEqual(['d', 'e'])
    expect(await listFor(recommender, 'u1', { category: 'boats' })).toEqual([])
  })

  test('are popular and trending products for somebody unknown', async () => {
    const recommender = learned([...CATALOGUE, view('u1', 'd'), view('u2', 'd'), view('u3', 'c')])
    expect(await listFor(recommender, 'new')).toEqual(['d', 'c', 'a', 'b', 'e'])
  })

  test('change with the next event of that person, from baskets alone too', async () => {
    const recommender = learned([
      ...CATALOGUE,
      order('u1', ['a', 'e']),
      order('u2', ['a', 'e']),
      order('u3', ['b', 'd']),
      order('u4', ['b', 'd']),
    ])
    recommender.learn(order('u5', ['a']))
    expect((await listFor(recommender, 'u5'))[0]).toBe('e')
    recommender.learn(order('u5', ['b']))
    expect((await listFor(recommender, 'u5'))[0]).toBe('d')
  })

  test('of a posted session follow its order, and unknown products say nothing', async () => {
    const recommender = learned([
      view('u1', 'a'),
      view('u1', 'b'),
      view('u2', 'c'),
      view('u2', 'd'),
    ])
    const ask = async (productIds: string[]) => {
      const { items } = await recommender.forSession({ productIds, limit: 1 })
      return items[0]?.product_id
    }
    expect(await ask(['c', 'a'])).toBe('b')
    expect(await ask(['a', 'c'])).toBe('d')
    expect(await ask(['a', 'c', 'nobody knows this'])).toBe('d')
    expect(await ask([])).toBeDefined()
  })

  test('of similar products hold those that go together, then those of the same kind', async () => {
    const recommender = learned([...CATALOGUE, view('u1', 'a'), view('u1', 'e'), view('u2', 'b')])
    const similar = await recommender.similar({ productId: 'a', limit: 3 })
    expect(similar?.items.map((item) => item.product_id)).toEqual(['e', 'b', 'c'])
    expect(await recommender.similar({ productId: 'nobody', limit: 3 })).toBeUndefined()
  })
})

describe('learning', () => {
  test('an event delivered again changes nothing', async () => {
    const events = [...CATALOGUE, view('u1', 'a'), view('u1', 'b'), order('u2', ['a', 'c'])]
    const once = learned(events)
    const twice = learned(events.flatMap((event) => [event, event, ...events.slice(0, 2)]))
    const request = { productIds: ['a'], limit: 5 }
    expect(await twice.forSession(request)).toEqual(await once.forSession(request))
  })

  test('the same visit is one session: by its id, else by the person within half an hour', async () => {
    const minutes = (event: CommerceEvent, by: number): CommerceEvent => ({
      ...event,
      event_time: Date.UTC(2026, 0, 1) + by * 60_000,
      received_at: Date.UTC(2026, 0, 1) + by * 60_000,
    })
    const settings = {
      ...SETTINGS,
      weights: {
        ...SETTINGS.weights,
        browsing: { ...SETTINGS.weights.browsing, transition: 0, bought_together: 0 },
      },
    }
    const sources = async (events: CommerceEvent[]) => {
      const { items } = await learned(events, { settings }).forSession({
        productIds: ['a'],
        limit: 1,
      })
      return items[0]?.reasons.map(({ source }) => source)
    }
    const [a, b] = [view('u1', 'a'), view('u1', 'b')]
    expect(await sources([minutes(a, 0), minutes(b, 30)])).toEqual(['session'])
    expect(await sources([minutes(a, 0), minutes(b, 31)])).toEqual(['popular'])
    const [c, d] = [view('u1', 'a', { session_id: 's' }), view('u1', 'b', { session_id: 's' })]
    expect(await sources([minutes(c, 0), minutes(d, 31)])).toEqual(['session'])
  })

  test('freshness is the age of the newest event, and anybody with events can be drawn', async () => {
    const clock = new ManualClock(Date.UTC(2026, 1, 1))
    const recommender = newRecommender({ clock })
    const request = { userId: 'u1', limit: 1, surface: 'home', exclude: [] } as const
    expect((await recommender.forUser(request)).freshness_ms).toBeNull()
    expect(recommender.anyUser()).toBeUndefined()
    recommender.learn(view('u1', 'a', { received_at: clock.now() - 250 }))
    recommender.learn(view('x', 'a', { user_id: null, anonymous_id: 'x', received_at: 0 }))
    expect((await recommender.forUser(request)).freshness_ms).toBe(250)
    expect(recommender.anyUser()).toBe('u1')
  })

  test('somebody erased is forgotten', async () => {
    const recommender = learned([...CATALOGUE, order('u1', ['a'])])
    expect(await listFor(recommender, 'u1')).not.toContain('a')
    recommender.learn({ ...view('u1', 'a'), type: 'UserErased' })
    expect(await listFor(recommender, 'u1')).toContain('a')
    expect(recommender.anyUser()).toBeUndefined()
  })

  test('products beyond the limit are left out and counted', async () => {
    const events = Array.from({ length: 60 }, (_, index) => view('u1', `p${index}`))
    const recommender = learned(events)
    expect(recommender.leftOut).toBe(60 - LIMITS.items)
    expect(await listFor(recommender, 'new', { limit: 100 })).toHaveLength(LIMITS.items)
  })

  test('the model version follows from the settings', () => {
    const other = { ...SETTINGS, excludeBought: false }
    expect(newRecommender().modelVersion).toBe(newRecommender().modelVersion)
    expect(newRecommender({ settings: other }).modelVersion).not.toBe(newRecommender().modelVersion)
  })
})

describe('whatever happens', () => {
  const id = fc.nat(30).map((number) => `p${number}`)
  const person = fc.nat(25).map((number) => `u${number}`)
  const anything: fc.Arbitrary<CommerceEvent> = fc.oneof(
    fc.tuple(person, id).map(([who, what]) => view(who, what)),
    fc
      .tuple(person, id, fc.nat(3))
      .map(([who, what, session]) => view(who, what, { session_id: `s${session}` })),
    fc.tuple(person, fc.array(id, { minLength: 1 })).map(([who, what]) => order(who, what)),
    fc
      .tuple(id, fc.constantFrom(null, 0, 5))
      .map(([what, stock]) =>
        product({ product_id: what, stock, category: ['x', what.slice(0, 2)] }),
      ),
    id.map(
      (what) => ({ ...product({ product_id: what }), type: 'ProductRemoved' }) as CommerceEvent,
    ),
  )

  test('lists are as long as asked for, without repeats and without what is excluded', async () => {
    const request = fc.record({
      userId: person,
      limit: fc.integer({ min: 1, max: 40 }),
      exclude: fc.array(id),
    })
    await fc.assert(
      fc.asyncProperty(fc.array(anything, { maxLength: 120 }), request, async (events, asked) => {
        const recommender = learned(events)
        const list = await listFor(recommender, asked.userId, asked)
        const sold = new Set<string>()
        const bought: string[] = []
        let current: string | undefined
        for (const event of events) {
          const products =
            event.type === 'OrderPlaced' ? event.lines.map((line) => line.product_id) : []
          if (event.type === 'ProductViewed') products.push(event.product_id)
          for (const product of products) if (!removedOrEmpty(events, product)) sold.add(product)
          if (event.type === 'ProductUpserted' && !removedOrEmpty(events, event.product_id))
            sold.add(event.product_id)
          if (event.user_id !== asked.userId) continue
          current = products.at(-1) ?? current
          if (event.type === 'OrderPlaced') bought.push(...products)
        }
        const allowed = [...sold].filter(
          (product) => product !== current && !asked.exclude.includes(product),
        )
        const mustNot = new Set(bought)
        const possible = allowed.filter((product) => !mustNot.has(product))
        expect(new Set(list).size).toBe(list.length)
        expect(list).toHaveLength(Math.min(asked.limit, possible.length))
        expect(list.filter((product) => !possible.includes(product))).toEqual([])
        expect(await listFor(learned(events), asked.userId, asked)).toEqual(list)
      }),
      { numRuns: 200 },
    )
  })
})

/** The last thing that the catalogue said of a product takes it out of the lists. */
function removedOrEmpty(events: readonly CommerceEvent[], productId: string): boolean {
  const last = events.findLast(
    (event) =>
      (event.type === 'ProductUpserted' || event.type === 'ProductRemoved') &&
      event.product_id === productId,
  )
  if (last === undefined) return false
  return last.type === 'ProductRemoved' || (last.type === 'ProductUpserted' && last.stock === 0)
}
