import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Tables } from '#engines/tables/port.ts'
import { type CommerceEvent, EVENT_TYPES, type EventType, payloadFields } from '#schemas/events.ts'
import { EXAMPLE_VALUES } from '#schemas/example-values.ts'
import { order, product, view } from '../events.fixture.ts'
import { caughtUp, LiveEngines } from './live-engines.fixture.ts'
import type { LiveRecommender } from './start-live-recommender.ts'

/** The event types that change lists, by the description of the API; no other type may change one. */
const SPEAKING: readonly EventType[] = [
  'ProductUpserted',
  'ProductRemoved',
  'ProductViewed',
  'CartItemAdded',
  'OrderPlaced',
  'UserErased',
]
const OF_CATALOGUE: readonly EventType[] = ['ProductUpserted', 'ProductRemoved']

let engines: LiveEngines

beforeAll(async () => {
  engines = await LiveEngines.open()
})
afterAll(() => engines[Symbol.asyncDispose]())

/** An event of the type by Ann, of the rake. */
function eventOf(type: EventType): CommerceEvent {
  const facts: Record<string, unknown> = {
    product_id: 'rake',
    lines: [{ product_id: 'rake', quantity: 1, unit_price_minor: 100 }],
    title: 'A better rake',
    category: ['garden'],
    price_minor: 100,
    stock: null,
  }
  const payload = payloadFields(type).map((name) => [name, facts[name] ?? EXAMPLE_VALUES[name]])
  const { product_id: _, ...header } = view('ann', 'rake') as CommerceEvent & { product_id: string }
  return { ...header, ...Object.fromEntries(payload), type } as CommerceEvent
}

/**
 * Lists of every kind: products, what is said of them, why. Of equal scores a restart may put another product first,
 * because numbers are given in another order, and a filler's score depends on the categories known at its encounters.
 */
async function listsOf({ recommender }: LiveRecommender): Promise<unknown> {
  const asked = { limit: 10, surface: 'home', exclude: [] } as const
  const lists = [
    await recommender.forUser({ userId: 'ann', ...asked }),
    await recommender.forUser({ userId: 'new', ...asked }),
    await recommender.forSession({ productIds: ['rake'], limit: 10 }),
    await recommender.similar({ productId: 'hose', limit: 10 }),
  ]
  return lists.map((list) =>
    list?.items
      .toSorted((a, b) => b.score - a.score || a.product_id.localeCompare(b.product_id, 'en'))
      .map(({ product_id, title, category, reasons }) => ({
        product_id,
        title,
        category,
        reasons: reasons.map(({ source, evidence }) => ({ source, evidence })),
      })),
  )
}

/** What the lists are before an event of the type, after it, and after the restart that follows. */
async function runThrough(type: EventType, restartedOn: (tables: Tables) => Tables = (it) => it) {
  await engines.beginAnew(`log-${type}-${Math.random()}`)
  const ids = ['spade', 'rake', 'hose', 'pot', 'bulb']
  await engines.store([
    ...ids.map((product_id) => product({ product_id, category: ['garden'] })),
    ...['u1', 'u2', 'u3'].flatMap((user) => [view(user, 'spade'), view(user, 'rake')]),
    ...['u4', 'u5'].flatMap((user) => [view(user, 'rake'), view(user, 'hose')]),
    order('u6', ['pot', 'bulb']),
    view('ann', 'spade'),
  ])
  for (const [ver, id] of ids.entries()) await engines.catalogue(id, ver)

  const event = eventOf(type)
  await using live = await engines.start()
  await caughtUp(live)
  const before = await listsOf(live)
  const positions = await engines.append([event])
  await caughtUp(live)
  const after = await listsOf(live)

  await engines.archive([event], positions)
  if (OF_CATALOGUE.includes(type)) {
    const removed = type === 'ProductRemoved' ? 1 : 0
    await engines.catalogue('rake', 100, { removed, title: 'A better rake' })
  }
  await using restarted = await engines.start({ tables: restartedOn(engines.tables) })
  expect(await restarted.lag(), 'a restart reads nothing again from the log').toBe(0)
  return { before, after, again: await listsOf(restarted) }
}

describe('what is learned live is learned again at the next start', () => {
  test.each(EVENT_TYPES)('%s', async (type) => {
    const { before, after, again } = await runThrough(type)
    expect(again).toEqual(after)
    const isSame = JSON.stringify(after) === JSON.stringify(before)
    expect(isSame, 'the lists are as before').toBe(!SPEAKING.includes(type))
  })

  test('a type that the tables are not asked for would be seen', async () => {
    for (const type of SPEAKING.filter((each) => !OF_CATALOGUE.includes(each))) {
      const without = (sql: string) => sql.replaceAll(`'${type}'`, `'NothingOfTheKind'`)
      const { after, again } = await runThrough(type, (tables) => ({
        ...tables,
        query: (sql, options) => tables.query(without(sql), options),
      }))
      expect(again, type).not.toEqual(after)
    }
  })
})
