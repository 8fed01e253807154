import type { Ranked } from './blend.ts'
import type { Candidates } from './candidates/candidates.ts'

/** What a filler scores at most, so that it reads as less than a recommendation. */
const FILL_SCORE_MAX = 0.01

/**
 * Fills a list up to `limit` from lists that were ranked before, in the order given, then from `rest`. A filler never
 * scores more than the item before it.
 */
export function fill(
  ranked: readonly Ranked[],
  lists: readonly Candidates[],
  options: {
    readonly limit: number
    readonly allowed: (item: number) => boolean
    /** Everything there is. */
    readonly rest: Iterable<number>
  },
): Ranked[] {
  const filled = [...ranked]
  const taken = new Set(ranked.map(({ item }) => item))
  const take = (item: number, score: number, shares: Ranked['shares']) => {
    if (taken.has(item) || !options.allowed(item)) return
    taken.add(item)
    filled.push({ item, score: Math.min(score, filled.at(-1)?.score ?? score), shares })
  }
  for (const { source, items, scores } of lists) {
    if (filled.length >= options.limit) return filled
    const shares = [{ source, share: 1, evidence: [] }]
    const order = Array.from(items, (item, at) => ({ item, score: scores[at] ?? 0 }))
    order.sort((a, b) => b.score - a.score || a.item - b.item)
    const unit = FILL_SCORE_MAX / (order[0]?.score ?? 1)
    for (const { item, score } of order) {
      if (filled.length >= options.limit) return filled
      take(item, score * unit, shares)
    }
  }
  for (const item of options.rest) {
    if (filled.length >= options.limit) break
    take(item, 0, [])
  }
  return filled
}
