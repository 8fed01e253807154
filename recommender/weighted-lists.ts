import type { Behaviour } from './behaviour.ts'
import type { WeightedCandidates } from './blend.ts'
import type { Candidates, Context } from './candidates/candidates.ts'
import { type Purchase, repeatPurchases } from './candidates/repeat.ts'
import type { BlendWeights } from './settings.ts'

/** What each source that has a weight proposes for somebody. */
export function weightedLists(
  behaviour: Behaviour,
  weights: BlendWeights,
  of: { readonly context: Context; readonly bought: readonly Purchase[] },
): WeightedCandidates[] {
  const sources: readonly [number, () => Candidates][] = [
    [weights.session, () => behaviour.sessionNeighbours(of.context)],
    [weights.transition, () => behaviour.transitions(of.context)],
    [weights.bought_together, () => behaviour.coOccurrence(of.context)],
    [weights.repeat, () => repeatPurchases(of.bought)],
    [weights.popular, () => behaviour.popularity.ofAll()],
    [weights.trending, () => behaviour.trending.propose()],
  ]
  return sources
    .filter(([weight]) => weight > 0)
    .map(([weight, propose]) => ({ candidates: propose(), weight }))
}
