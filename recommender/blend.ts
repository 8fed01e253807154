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
  /** Place in the list plus 1 of the items that made it; 0 for all others. */
  readonly #places: Uint16Array

  constructor(items: number) {
    this.#board = new ScoreBoard(items)
    this.#places = new Uint16Array(items)
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
        this.#board.add(candidates.items[index] ?? 0, (candidates.scores[index] ?? 0) * unit)
      }
    }
    const { items, scores } = this.#board.take()
    // Asked once for each item, however many lists it is on.
    for (let at = 0; at < items.length; at++) if (!allowed(items[at] ?? 0)) scores[at] = 0
    const best = topIndexes(scores, limit, (a, b) => (items[a] ?? 0) - (items[b] ?? 0))
    const sums = best
      .map((at) => new Sum(items[at] ?? 0, scores[at] ?? 0))
      .filter(({ score }) => score > 0)
    for (const [at, { item }] of sums.entries()) this.#places[item] = at + 1
    for (const { candidates, unit } of parts) {
      for (let index = 0; index < candidates.items.length; index++) {
        const place = this.#places[candidates.items[index] ?? 0] ?? 0
        if (place === 0) continue
        sums[place - 1]?.parts.push({ candidates, score: (candidates.scores[index] ?? 0) * unit })
      }
    }
    for (const { item } of sums) this.#places[item] = 0
    return sums.map((sum) => sum.ranked())
  }
}

/** A score and what it was added up from. */
class Sum {
  readonly item: number
  readonly score: number
  readonly parts: { readonly candidates: Candidates; readonly score: number }[] = []

  constructor(item: number, score: number) {
    this.item = item
    this.score = score
  }

  ranked(): Ranked {
    const { item } = this
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
