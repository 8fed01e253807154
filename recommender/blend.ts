import type { Candidates, ReasonSource, SourcedCandidates } from './candidates/candidate.ts'
import { ScoreBoard } from './counting/score-board.ts'
import { topIndexes } from './counting/top-indexes.ts'

export interface WeightedCandidates extends SourcedCandidates {
  readonly weight: number
}

/** One item of a list, and what each source gave to its score, the most first. */
export interface Ranked {
  readonly item: number
  readonly score: number
  readonly shares: readonly Share[]
}

export interface Share {
  readonly source: ReasonSource
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
    const parts = lists.flatMap((list) => scaled(list, allowed))
    const sums = this.#best(parts, limit, allowed)
    this.#attribute(sums, parts)
    return sums.map((sum) => sum.ranked())
  }

  /** Adds up the scores of each item; those of the best, without what they were added up from. */
  #best(parts: readonly Part[], limit: number, allowed: (item: number) => boolean): Sum[] {
    for (const part of parts) forEachScore(part, (item, score) => this.#board.add(item, score))
    const { items, scores } = this.#board.take()
    // Asked once for each item, however many lists it is on.
    for (let at = 0; at < items.length; at++) if (!allowed(items[at] ?? 0)) scores[at] = 0
    return topIndexes(scores, limit, (a, b) => (items[a] ?? 0) - (items[b] ?? 0))
      .map((at) => new Sum(items[at] ?? 0, scores[at] ?? 0))
      .filter(({ score }) => score > 0)
  }

  /** Tells each sum which lists gave how much to it. */
  #attribute(sums: readonly Sum[], parts: readonly Part[]): void {
    for (const [at, { item }] of sums.entries()) this.#places[item] = at + 1
    for (const part of parts) {
      forEachScore(part, (item, score) => {
        const place = this.#places[item] ?? 0
        if (place > 0) sums[place - 1]?.parts.push({ part, score })
      })
    }
    for (const { item } of sums) this.#places[item] = 0
  }
}

/** A list and what one point of its scores is worth in the blend. */
interface Part extends SourcedCandidates {
  readonly unit: number
}

/** No part when nothing on the list is allowed. */
function scaled(
  { source, candidates, weight }: WeightedCandidates,
  allowed: (item: number) => boolean,
): readonly Part[] {
  const highest = maximum(candidates, allowed)
  return highest > 0 ? [{ source, candidates, unit: weight / highest }] : []
}

function maximum({ items, scores }: Candidates, allowed: (item: number) => boolean): number {
  let highest = 0
  for (let index = 0; index < items.length; index++) {
    const score = scores[index] ?? 0
    if (score > highest && allowed(items[index] ?? 0)) highest = score
  }
  return highest
}

function forEachScore(
  { candidates: { items, scores }, unit }: Part,
  visit: (item: number, score: number) => void,
): void {
  for (let index = 0; index < items.length; index++)
    visit(items[index] ?? 0, (scores[index] ?? 0) * unit)
}

/** A score and what it was added up from. */
class Sum {
  readonly item: number
  readonly score: number
  readonly parts: { readonly part: Part; readonly score: number }[] = []

  constructor(item: number, score: number) {
    this.item = item
    this.score = score
  }

  ranked(): Ranked {
    const { item } = this
    const shares = this.parts
      .toSorted((a, b) => b.score - a.score)
      .map(({ part, score }) => ({
        source: part.source,
        share: score / this.score,
        evidence: part.candidates.evidence(item),
      }))
    return { item, score: this.score, shares }
  }
}
