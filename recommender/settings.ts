import { createHash } from 'node:crypto'
import type { CoOccurrenceSettings } from './candidates/co-occurrence.ts'
import type { TransitionSettings } from './candidates/transitions.ts'
import type { NeighbourSettings } from './sessions/session-neighbours.ts'

const DAY_MS = 24 * 3_600_000

/** What each source's list weighs, after its division by its maximum; 0 leaves it out. */
export interface BlendWeights {
  readonly session: number
  readonly transition: number
  readonly bought_together: number
  readonly repeat: number
  readonly popular: number
  readonly trending: number
}

export interface RecommenderSettings {
  readonly neighbours: NeighbourSettings
  readonly transitions: TransitionSettings
  readonly coOccurrence: CoOccurrenceSettings
  /** By what somebody does: looks around, has just bought (and will need another basket), or is not known at all. */
  readonly weights: {
    readonly browsing: BlendWeights
    readonly basket: BlendWeights
    readonly unknown: BlendWeights
  }
  /** Whether lists for a person leave out what that person bought. */
  readonly excludeBought: boolean
}

const NONE = {
  session: 0,
  transition: 0,
  bought_together: 0,
  repeat: 0,
  popular: 0,
  trending: 0,
}

/** Browsing: chosen on the validation window of protocol P1, basket: on that of P2. */
export const DEFAULT_SETTINGS: RecommenderSettings = {
  neighbours: {
    sessionsPerItem: 1000,
    neighbours: 500,
    contextMoments: 10,
    contextDecay: 3,
    matchDecay: null,
    distanceDecay: 5,
    lengthExponent: 0.5,
    idf: { base: 1, weight: 3 },
  },
  transitions: { halfLifeMs: 30 * DAY_MS, contextMoments: 3, contextDecay: 0.6 },
  coOccurrence: { shrink: 5, contextMoments: 4, contextDecay: 0.6 },
  weights: {
    browsing: { ...NONE, session: 1, transition: 0.3, bought_together: 0.3, repeat: 1 },
    basket: { ...NONE, session: 0.5, bought_together: 1, popular: 1, repeat: 2 },
    unknown: { ...NONE, popular: 1, trending: 0.5 },
  },
  excludeBought: true,
}

/** Names everything that makes two models answer differently on the same events. */
export function modelVersion(settings: RecommenderSettings): string {
  const digest = createHash('sha256').update(JSON.stringify(settings)).digest('hex')
  return `blend-${digest.slice(0, 10)}`
}
