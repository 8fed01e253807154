import type { Reason } from '#schemas/http/recommendations.ts'
import type { Candidates } from './candidates/candidates.ts'
import { ScoreBoard } from './candidates/score-board.ts'
import { topIndexes } from './top-indexes.ts'

export interface WeightedCandidates {
  readonly candidates: Candidates
  readonly weight: number
}

/** One item of a list, and what each source gave to its score, the most first. */
export interface Ranked {
  readonly item: number
  readonly score: number
  readonly shares: readonly Share[]
}

export interface Share {
  readonly source: Reason['source']
  /** Part of the item's score, 0 to 1. */
  readonly share: number
  /** Item numbers, newest first. */
  readonly evidence: readonly number[]
}

/** Makes one list of several: each list is divided by its maximum and weighted, and the scores of an item add up. */
export class Blend {
  readonly #board: ScoreBoard

  constructor(items: number) {
    this.#board = new ScoreBoard(items)
  }

  /** The best `limit` of the items that `allowed` lets pass; of equal scores the lower item number comes first. */
  rank(
    lists: readonly WeightedCandidates[],
    limit: number,
    allowed: (item: number) => boolean,
  ): Ranked[] {
    const parts = lists.flatMap(({ candidates, weight }) => {
      const unit = weight / maximum(candidates, allowed)
      return Number.isFinite(unit) ? [{ candidates, unit }] : []
    })
    for (const { candidates, unit } of parts) {
      for (let index = 0; index < candidates.items.length; index++) {
        const item = candidates.items[index] ?? 0
        if (allowed(item)) this.#board.add(item, (candidates.scores[index] ?? 0) * unit)
      }
    }
    const { items, scores } = this.#board.take()
    const best = topIndexes(scores, limit, (a, b) => (items[a] ?? 0) - (items[b] ?? 0))
    const ranked = new Map(best.map((at) => [items[at] ?? 0, new Sum(scores[at] ?? 0)]))
    for (const { candidates, unit } of parts) {
      for (let index = 0; index < candidates.items.length; index++) {
        const score = (candidates.scores[index] ?? 0) * unit
        ranked.get(candidates.items[index] ?? 0)?.parts.push({ candidates, score })
      }
    }
    return Array.from(ranked, ([item, sum]) => sum.ranked(item))
  }
}

/** A score and what it was added up from. */
class Sum {
  readonly score: number
  readonly parts: { readonly candidates: Candidates; readonly score: number }[] = []

  constructor(score: number) {
    this.score = score
  }

  ranked(item: number): Ranked {
    const shares = this.parts
      .toSorted((a, b) => b.score - a.score)
      .map(({ candidates, score }) => ({
        source: candidates.source,
        share: score / this.score,
        evidence: candidates.evidence(item),
      }))
    return { item, score: this.score, shares }
  }
}

/** Infinity when nothing is allowed, so that the list weighs nothing. */
function maximum({ items, scores }: Candidates, allowed: (item: number) => boolean): number {
  let highest = 0
  for (let index = 0; index < items.length; index++) {
    const score = scores[index] ?? 0
    if (score > highest && allowed(items[index] ?? 0)) highest = score
  }
  return highest > 0 ? highest : Number.NaN
}
