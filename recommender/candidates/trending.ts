import { DecayedCounts } from '../counting/decayed-counts.ts'
import { TopItems } from '../counting/top-items.ts'
import type { CandidateDeclaration, CandidateSource, Candidates, Encounter } from './candidate.ts'

const HOUR_MS = 3_600_000
const RECENT_HALF_LIFE_MS = 6 * HOUR_MS
const BASELINE_HALF_LIFE_MS = 7 * 24 * HOUR_MS
const TOP = 500

export const trending: CandidateDeclaration<'trending'> = {
  name: 'trending',
  create: ({ limits }) => new Trending(limits.items),
  sentence: () => 'More in demand than usual right now.',
}

/** Items in more demand than usual: the last hours compared with what the last weeks lead to expect. */
export class Trending implements CandidateSource {
  readonly #recent: DecayedCounts
  readonly #baseline: DecayedCounts
  readonly #busiest: TopItems
  #newest = 0

  constructor(items: number) {
    const recent = new DecayedCounts(items, RECENT_HALF_LIFE_MS)
    this.#recent = recent
    this.#baseline = new DecayedCounts(items, BASELINE_HALF_LIFE_MS)
    this.#busiest = new TopItems(TOP, (item) => recent.get(item))
  }

  learn({ item, time }: Pick<Encounter, 'item' | 'time'>): void {
    this.#newest = Math.max(this.#newest, time)
    this.#recent.add(item, time)
    this.#baseline.add(item, time)
    this.#busiest.offer(item)
  }

  /**
   * Scored by how many standard deviations of a Poisson count an item is above what is expected, as of the newest event.
   * A steady rate r amounts to r x half-life / ln 2 decayed events, hence the ratio of the half-lives.
   */
  propose(): Candidates {
    const items: number[] = []
    const scores: number[] = []
    for (const item of this.#busiest.items) {
      const baseline = this.#baseline.asOf(item, this.#newest)
      const expected = (baseline * RECENT_HALF_LIFE_MS) / BASELINE_HALF_LIFE_MS
      const surprise = (this.#recent.asOf(item, this.#newest) - expected) / Math.sqrt(expected + 1)
      if (surprise <= 0) continue
      items.push(item)
      scores.push(surprise)
    }
    return { items, scores, evidence: () => [] }
  }
}
