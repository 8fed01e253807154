import { createHash } from 'node:crypto'
import type { CoOccurrenceSettings } from './candidates/co-occurrence.ts'
import type { TransitionSettings } from './candidates/transitions.ts'
import type { NeighbourSettings } from './sessions/session-neighbours.ts'

const DAY_MS = 24 * 3_600_000

/** What each source's list weighs, after its division by its maximum. */
export interface BlendWeights {
  readonly session: number
  readonly transition: number
  readonly bought_together: number
  readonly repeat: number
  /** Beside popularity of weight 1, for somebody of whom nothing is known. */
  readonly trending: number
}

export interface RecommenderSettings {
  readonly neighbours: NeighbourSettings
  readonly transitions: TransitionSettings
  readonly coOccurrence: CoOccurrenceSettings
  readonly weights: BlendWeights
  /** Whether lists for a person leave out what that person bought. */
  readonly excludeBought: boolean
}

/** Chosen on the validation window of protocol P1. */
export const DEFAULT_SETTINGS: RecommenderSettings = {
  neighbours: {
    sessionsPerItem: 1000,
    neighbours: 500,
    contextItems: 10,
    contextDecay: 3,
    matchDecay: null,
    distanceDecay: 5,
    lengthExponent: 0.5,
    idf: { base: 1, weight: 3 },
  },
  transitions: { halfLifeMs: 30 * DAY_MS, contextItems: 3, contextDecay: 0.6 },
  coOccurrence: { shrink: 5, contextItems: 4, contextDecay: 0.6 },
  weights: { session: 1, transition: 0.3, bought_together: 0.3, repeat: 1, trending: 0.5 },
  excludeBought: true,
}

/** Names everything that makes two models answer differently on the same events. */
export function modelVersion(settings: RecommenderSettings): string {
  const digest = createHash('sha256').update(JSON.stringify(settings)).digest('hex')
  return `blend-${digest.slice(0, 10)}`
}
