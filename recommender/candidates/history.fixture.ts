import fc from 'fast-check'
import { expect } from 'vitest'
import { Behaviour } from '../behaviour.ts'
import type { ListContext } from '../context.ts'
import { Interner } from '../interner.ts'
import { KnownProducts } from '../known-products.ts'
import { DEFAULT_LIMITS, type RecommenderLimits } from '../limits.ts'
import { SessionIndex } from '../sessions/session-index.ts'
import type { CandidateDeclaration, Candidates, Memory } from './candidate.ts'

const MINUTE = 60_000
const DAY = 24 * 60 * MINUTE
const START = Date.UTC(2026, 0, 1)

/** The last of them is in no history. */
const ITEMS = 8

/** Room for everything that a short history holds, so that an oracle need not forget. */
export const ROOMY: RecommenderLimits = {
  ...DEFAULT_LIMITS,
  items: ITEMS,
  people: 10,
  purchases: 1_000,
  clicks: 1_000,
  sessions: 1_000,
  openSessions: 100,
}

/** A person interacts with an item. */
export interface Step {
  readonly person: string
  readonly item: number
  /** UTC milliseconds; never before the step before it. */
  readonly time: number
  readonly bought: boolean
}

/** Short histories of a few people and items, in order of time; within a visit mostly, with long breaks now and then. */
export const histories: fc.Arbitrary<readonly Step[]> = fc
  .array(
    fc.record({
      person: fc.constantFrom('ann', 'bob', 'cid'),
      item: fc.nat(ITEMS - 2),
      gap: fc.oneof(fc.integer({ min: 0, max: 20 * MINUTE }), fc.integer({ min: 0, max: 4 * DAY })),
      bought: fc.boolean(),
    }),
    { minLength: 1, maxLength: 40 },
  )
  .map((steps) => {
    let time = START
    return steps.map(({ gap, ...step }) => {
      time += gap
      return { ...step, time }
    })
  })

/** Distinct items, newest first, some of them of the same moment. */
export const contexts = fc
  .uniqueArray(fc.nat(ITEMS - 1), { minLength: 1, maxLength: 6 })
  .chain((items) =>
    fc
      .array(fc.nat(1), { minLength: items.length - 1, maxLength: items.length - 1 })
      .map((later) => {
        const ages = [0]
        for (const step of later) ages.push((ages.at(-1) ?? 0) + step)
        return { items, ages }
      }),
  )

export function memoryOf(more: Partial<Memory> = {}): Memory {
  const limits = more.limits ?? ROOMY
  const items = new Interner(limits.items)
  for (let item = 0; item < ITEMS; item++) items.intern(`p${item}`)
  return {
    limits,
    items,
    products: new KnownProducts(items),
    sessions: new SessionIndex(limits),
    vectors: undefined,
    logger: undefined,
    ...more,
  }
}

/** What one candidate, taught the history as the recommender teaches it, proposes. */
export async function proposed(
  candidate: CandidateDeclaration,
  history: readonly Step[],
  context: Partial<ListContext>,
  memory: Memory = memoryOf(),
): Promise<Candidates> {
  const behaviour = new Behaviour(memory, [{ candidate, weights: {} }])
  for (const { person, item, time, bought } of history) {
    const productIds = [`p${item}`]
    behaviour.learn({ person, userId: person, sessionId: null, time, productIds, bought })
  }
  const asked = { items: [], ages: [], bought: [], limit: 10, ...context }
  const [list] = await behaviour.propose({ [candidate.name]: 1 }, asked)
  return list?.candidates ?? { items: [], scores: [], evidence: () => [] }
}

export function scoresOf({ items, scores }: Candidates): Map<number, number> {
  return new Map(Array.from(items, (item, at) => [item, scores[at] ?? 0]))
}

/** Compares scores as a share of their highest, which is all that a blend sees of them; 32-bit sums are off by little. */
export function expectShares(
  found: ReadonlyMap<number, number>,
  truth: ReadonlyMap<number, number>,
) {
  const [highest, highestInTruth] = [found, truth].map((scores) => Math.max(0, ...scores.values()))
  for (const item of new Set([...found.keys(), ...truth.keys()])) {
    const share = (found.get(item) ?? 0) / (highest || 1)
    const trueShare = Math.max(0, truth.get(item) ?? 0) / (highestInTruth || 1)
    expect(share, `the share of item ${item}`).toBeCloseTo(trueShare, 4)
  }
}

/**
 * The visits of a history, each with its steps in order: a visit ends with a silence of more than half an hour, and
 * looking again at the same item is no step.
 */
export function visitsOf(history: readonly Step[]): readonly (readonly Step[])[] {
  const visits: Step[][] = []
  const open = new Map<string, { visit: Step[]; last: number }>()
  for (const step of history) {
    let current = open.get(step.person)
    if (current === undefined || step.time - current.last > 30 * MINUTE) {
      current = { visit: [], last: 0 }
      visits.push(current.visit)
      open.set(step.person, current)
    }
    current.last = step.time
    if (current.visit.at(-1)?.item !== step.item) current.visit.push(step)
  }
  return visits
}
