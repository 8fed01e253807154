import type { Candidates } from './candidates.ts'
import { DecayedCounts } from './decayed-counts.ts'
import { TopItems } from './top-items.ts'

const DAY_MS = 24 * 3_600_000

/** Shops differ in how fast they turn; the two are averaged. */
const HALF_LIVES_MS = [3 * DAY_MS, 7 * DAY_MS] as const

const TOP_OF_ALL = 500
const TOP_OF_CATEGORY = 200

/** What many want: in the whole shop and in each category, over two half-lives. */
export class Popularity {
  readonly #trends: readonly Trend[]
  readonly #categories: number

  constructor(items: number, categories: number) {
    this.#trends = HALF_LIVES_MS.map((halfLife) => new Trend(new DecayedCounts(items, halfLife)))
    this.#categories = categories
  }

  learn(item: number, categories: readonly string[], time: number): void {
    for (const trend of this.#trends) {
      trend.counts.add(item, time)
      trend.all.offer(item)
      for (const category of categories) trend.category(category, this.#categories)?.offer(item)
    }
  }

  ofAll(): Candidates {
    return average(
      'popular',
      this.#trends.map(({ counts, all }) => ({ counts, items: all.items })),
    )
  }

  ofCategory(category: string): Candidates {
    return average(
      'category',
      this.#trends.map(({ counts, byCategory }) => {
        return { counts, items: byCategory.get(category)?.items ?? [] }
      }),
    )
  }
}

/** One half-life: the counts and the rankings by them. An item weighs the same in all of its categories. */
class Trend {
  readonly counts: DecayedCounts
  readonly all: TopItems
  readonly byCategory = new Map<string, TopItems>()

  constructor(counts: DecayedCounts) {
    this.counts = counts
    this.all = this.#ranking(TOP_OF_ALL)
  }

  /** Undefined for one category too many. */
  category(name: string, limit: number): TopItems | undefined {
    let ranking = this.byCategory.get(name)
    if (ranking === undefined && this.byCategory.size < limit) {
      ranking = this.#ranking(TOP_OF_CATEGORY)
      this.byCategory.set(name, ranking)
    }
    return ranking
  }

  #ranking(capacity: number): TopItems {
    return new TopItems(capacity, (item) => this.counts.get(item))
  }
}

function average(
  source: 'popular' | 'category',
  rankings: readonly { readonly counts: DecayedCounts; readonly items: readonly number[] }[],
): Candidates {
  const scores = new Map<number, number>()
  for (const { counts, items } of rankings) {
    const [first] = items
    if (first === undefined) continue
    const share = 1 / (rankings.length * counts.get(first))
    for (const item of items) scores.set(item, (scores.get(item) ?? 0) + counts.get(item) * share)
  }
  return { source, items: [...scores.keys()], scores: [...scores.values()], evidence: () => [] }
}
