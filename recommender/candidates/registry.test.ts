import { describe, expect, test } from 'vitest'
import { ManualClock } from '#engines/clock/manual-clock.ts'
import { product, view } from '../events.fixture.ts'
import { Recommender } from '../recommender.ts'
import { DEFAULT_SETTINGS, defaultSettings } from '../settings.ts'
import type { CandidateDeclaration, Encounter } from './candidate.ts'
import { memoryOf } from './history.fixture.ts'
import { popular } from './popular.ts'
import { CANDIDATES, SITUATIONS } from './registry.ts'

const LIMITS = {
  items: 20,
  people: 10,
  purchases: 100,
  clicks: 50,
  sessions: 10,
  openSessions: 10,
  categories: 5,
}

/** The sources that clients of the API may rely on: more may come, none is renamed or dropped. */
const PUBLISHED = [
  'session',
  'transition',
  'bought_together',
  'repeat',
  'trending',
  'popular',
  'text',
  'category',
]

test('every source that clients know is still there, and no two candidates share a name', () => {
  const names: string[] = CANDIDATES.map(({ candidate }) => candidate.name)
  const memory = memoryOf()
  const context = { items: [], ages: [], bought: [], category: 'garden', limit: 5 }
  const fillIns = CANDIDATES.flatMap(({ candidate }) => [
    ...(candidate.create(memory).fillIns?.(context) ?? []),
  ])
  const all = [...names, ...fillIns.map(({ source }) => source.name)]
  expect(PUBLISHED.filter((name) => !all.includes(name))).toEqual([])
  expect(new Set(names).size).toBe(names.length)
})

test('every candidate has a weight somewhere, and every situation a candidate', () => {
  for (const { weights } of CANDIDATES) expect(Object.values(weights).length).toBeGreaterThan(0)
  for (const situation of SITUATIONS) {
    const weights = Object.values(DEFAULT_SETTINGS.weights[situation])
    expect(Math.max(...weights.map((weight) => weight ?? 0))).toBeGreaterThan(0)
  }
})

test('a candidate that has learned nothing proposes nothing', async () => {
  for (const { candidate } of CANDIDATES) {
    const context = { items: [1, 2], ages: [0, 1], bought: [], limit: 5 }
    const { items } = await candidate.create(memoryOf()).propose(context)
    expect(Array.from(items)).toEqual([])
  }
})

describe('a candidate that is registered', () => {
  /** Proposes the item of the last encounter. */
  function latest(): CandidateDeclaration<'last'> & { readonly learned: Encounter[] } {
    const learned: Encounter[] = []
    return {
      name: 'last',
      learned,
      create: () => ({
        learn: (encounter) => learned.push({ ...encounter, steps: [...encounter.steps] }),
        propose: ({ items: [current = -1] }) => {
          const last = learned.findLast(({ item }) => item !== current)
          return {
            items: last === undefined ? [] : [last.item],
            scores: [1],
            evidence: () => (current < 0 ? [] : [current]),
          }
        },
      }),
      sentence: ({ title, category }) => `Last in ${category}, after ${title}.`,
    }
  }

  function recommenderWith(candidate: CandidateDeclaration) {
    const candidates = [
      { candidate, weights: { browsing: 1 } },
      { candidate: popular, weights: { unknown: 1 } },
    ]
    return new Recommender({
      clock: new ManualClock(),
      newId: () => 'id',
      random: () => 0,
      limits: LIMITS,
      candidates,
    })
  }

  test('is taught, asked, weighted and explained, and no other file knows of it', async () => {
    const recommender = recommenderWith(latest())
    recommender.learn(product({ product_id: 'a', category: ['garden', 'rakes'] }))
    for (const event of [view('u1', 'a'), view('u2', 'b')]) recommender.learn(event)
    const request = { userId: 'u2', limit: 1, surface: 'home', exclude: [] } as const
    const { items } = await recommender.forUser(request)
    expect(items).toMatchObject([
      {
        product_id: 'a',
        reasons: [{ source: 'last', score: 1, text: 'Last in rakes, after b.', evidence: ['b'] }],
      },
    ])
  })

  test('is asked only where it has a weight', async () => {
    const recommender = recommenderWith(latest())
    for (const event of [view('u1', 'a'), view('u2', 'b')]) recommender.learn(event)
    const request = { userId: 'new', limit: 2, surface: 'home', exclude: [] } as const
    const { items } = await recommender.forUser(request)
    expect(items.flatMap(({ reasons }) => reasons.map(({ source }) => source))).toEqual([
      'popular',
      'popular',
    ])
  })

  test('learns of each item what came before it, in its visit and for its person', () => {
    const candidate = latest()
    const recommender = recommenderWith(candidate)
    const later = view('u1', 'd')
    for (const event of [
      view('u1', 'a'),
      view('u2', 'b'),
      view('u1', 'b'),
      view('u1', 'b'),
      {
        ...later,
        event_time: later.event_time + 1_900_000,
        received_at: later.received_at + 1_900_000,
      },
    ])
      recommender.learn(event)
    const [a, b, d] = [0, 1, 2]
    expect(candidate.learned).toMatchObject([
      { item: a, steps: [], recent: [], isRepeat: false },
      { item: b, steps: [], recent: [], isRepeat: false },
      { item: b, steps: [a], recent: [a], isRepeat: false },
      { item: b, steps: [a, b], recent: [b, a], isRepeat: true },
      { item: d, steps: [], recent: [b, a], isRepeat: false },
    ])
  })

  test('gives the model another name, and so do its settings', () => {
    const versions = [
      undefined,
      [{ candidate: latest(), weights: {} }],
      [{ candidate: { ...latest(), settings: { of: 1 } }, weights: {} }],
    ].map((candidates) => {
      const some = candidates === undefined ? {} : { candidates }
      return new Recommender({
        clock: new ManualClock(),
        newId: () => 'id',
        random: () => 0,
        limits: LIMITS,
        ...some,
      }).modelVersion
    })
    expect(new Set(versions).size).toBe(3)
  })

  test('must be there for a weight to name it', () => {
    const settings = defaultSettings(CANDIDATES)
    const weights = { ...settings.weights, basket: { sesion: 1 } }
    expect(
      () =>
        new Recommender({
          clock: new ManualClock(),
          newId: () => 'id',
          random: () => 0,
          limits: LIMITS,
          settings: { ...settings, weights },
        }),
    ).toThrow('no candidate is called sesion; there are session, transition')
  })
})
