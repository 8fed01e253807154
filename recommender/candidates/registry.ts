import { boughtTogether } from './bought-together.ts'
import type { CandidateDeclaration } from './candidate.ts'
import { popular } from './popular.ts'
import { repeat } from './repeat.ts'
import { sessionNeighbours } from './session-neighbours.ts'
import { text } from './text.ts'
import { transition } from './transition.ts'
import { trending } from './trending.ts'

/** What a list is for: a person who is browsing, has just bought, or is unknown; or the page of a product. */
export const SITUATIONS = ['browsing', 'basket', 'unknown', 'similar'] as const
export type Situation = (typeof SITUATIONS)[number]

/** A candidate, and the weight of its list (divided by its maximum) in each situation; absent: it is not asked. */
export interface Registered<Name extends string = string> {
  readonly candidate: CandidateDeclaration<Name>
  readonly weights: Readonly<Partial<Record<Situation, number>>>
}

/**
 * All candidates. Where two have equal shares in an item, the reason of the first one here comes first.
 * Browsing was chosen on the validation window of protocol P1, basket on that of P2.
 */
export const CANDIDATES = [
  registered(sessionNeighbours, { browsing: 1, basket: 0.5 }),
  registered(transition, { browsing: 0.3 }),
  registered(text, { similar: 1 }),
  registered(boughtTogether, { browsing: 0.3, basket: 1, similar: 1 }),
  registered(repeat, { browsing: 1, basket: 2 }),
  registered(popular, { basket: 1, unknown: 1 }),
  registered(trending, { unknown: 0.5 }),
] as const

export type CandidateName = (typeof CANDIDATES)[number]['candidate']['name']

function registered<Name extends string>(
  candidate: CandidateDeclaration<Name>,
  weights: Registered['weights'],
): Registered<Name> {
  return { candidate, weights }
}
