import type { Ranked } from './blend.ts'
import type { Candidates, SourcedCandidates } from './candidates/candidate.ts'

/** What a filler scores at most, so that it reads as less than a recommendation. */
const FILL_SCORE_MAX = 0.01

/**
 * Fills a list up to `limit` from lists that were ranked before, in the order given, then from `rest`. A filler never
 * scores more than the item before it.
 */
export function fill(
  ranked: readonly Ranked[],
  fillIns: readonly SourcedCandidates[],
  options: {
    readonly limit: number
    readonly allowed: (item: number) => boolean
    /** Everything there is. */
    readonly rest: Iterable<number>
  },
): Ranked[] {
  const filled = [...ranked]
  const taken = new Set(ranked.map(({ item }) => item))
  for (const { item, score, shares } of fillers(fillIns, options.rest)) {
    if (filled.length >= options.limit) break
    if (taken.has(item) || !options.allowed(item)) continue
    taken.add(item)
    filled.push({ item, score: Math.min(score, filled.at(-1)?.score ?? score), shares })
  }
  return filled
}

/** Everything that a list can be filled with, the best first. */
function* fillers(
  fillIns: readonly SourcedCandidates[],
  rest: Iterable<number>,
): Generator<Ranked> {
  for (const { source, candidates } of fillIns) {
    const shares = [{ source, share: 1, evidence: [] }]
    const order = inOrder(candidates)
    const unit = FILL_SCORE_MAX / (order[0]?.score ?? 1)
    for (const { item, score } of order) yield { item, score: score * unit, shares }
  }
  for (const item of rest) yield { item, score: 0, shares: [] }
}

/** The highest score first; of equal scores the lower item number. */
function inOrder({ items, scores }: Candidates): { item: number; score: number }[] {
  return Array.from(items, (item, at) => ({ item, score: scores[at] ?? 0 })).sort(
    (a, b) => b.score - a.score || a.item - b.item,
  )
}
