import { createHash } from 'node:crypto'
import { CANDIDATES, type Registered, SITUATIONS, type Situation } from './candidates/registry.ts'

/** Weight of each candidate's list, by the candidate's name; a candidate without a weight, or with 0, is not asked. */
export type Weights = Readonly<Partial<Record<string, number>>>

export interface RecommenderSettings {
  readonly weights: Readonly<Record<Situation, Weights>>
  /** Whether lists for a person leave out what that person bought. */
  readonly excludeBought: boolean
}

export const DEFAULT_SETTINGS = defaultSettings(CANDIDATES)

/** The weights of the registry. */
export function defaultSettings(candidates: readonly Registered[]): RecommenderSettings {
  return {
    weights: {
      browsing: weightsIn('browsing', candidates),
      basket: weightsIn('basket', candidates),
      unknown: weightsIn('unknown', candidates),
      similar: weightsIn('similar', candidates),
    },
    excludeBought: true,
  }
}

function weightsIn(situation: Situation, candidates: readonly Registered[]): Weights {
  return Object.fromEntries(
    candidates.map(({ candidate, weights }) => [candidate.name, weights[situation] ?? 0]),
  )
}

/** @throws RangeError when there is a weight for a candidate that is not registered */
export function refuseUnknownWeights(
  { weights }: RecommenderSettings,
  candidates: readonly Registered[],
): void {
  const known = candidates.map(({ candidate }) => candidate.name)
  for (const situation of SITUATIONS) {
    const unknown = Object.keys(weights[situation]).find((name) => !known.includes(name))
    if (unknown !== undefined) {
      throw new RangeError(`no candidate is called ${unknown}; there are ${known.join(', ')}`)
    }
  }
}

/** Names everything that makes two models answer differently on the same events. */
export function modelVersion(
  settings: RecommenderSettings,
  candidates: readonly Registered[],
): string {
  const own = candidates.map(({ candidate }) => [candidate.name, candidate.settings])
  const digest = createHash('sha256')
    .update(JSON.stringify([settings, own]))
    .digest('hex')
  return `blend-${digest.slice(0, 10)}`
}
