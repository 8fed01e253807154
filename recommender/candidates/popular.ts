import type { ListContext } from '../context.ts'
import { DecayedCounts } from '../counting/decayed-counts.ts'
import { TopItems } from '../counting/top-items.ts'
import type { RecommenderLimits } from '../limits.ts'
import type {
  CandidateDeclaration,
  CandidateSource,
  Candidates,
  Encounter,
  ReasonSource,
  SourcedCandidates,
} from './candidate.ts'

const DAY_MS = 24 * 3_600_000

/** Shops differ in how fast they turn; the two are averaged. */
const HALF_LIVES_MS = [3 * DAY_MS, 7 * DAY_MS] as const

const TOP_OF_ALL = 500
const TOP_OF_CATEGORY = 200

/** How many of the newest items of a context give the categories that lists are filled up from. */
const FILLED_FROM_ITEMS = 2

export const popular: CandidateDeclaration<'popular'> = {
  name: 'popular',
  create: ({ limits, products }) =>
    new Popularity(limits, (item) => products.facts(item)?.category ?? []),
  sentence: () => 'Popular with everybody.',
}

/** Popularity within a category only fills lists up; it is no candidate. */
const OF_CATEGORY: ReasonSource = {
  name: 'category',
  sentence: ({ category }) =>
    category === undefined ? 'Popular of its kind.' : `Popular in ${category}.`,
}

/** What many want: in the whole shop and in each category, over two half-lives. */
export class Popularity implements CandidateSource {
  readonly #categoriesOf: (item: number) => readonly string[]
  readonly #trends: readonly Trend[]
  readonly #categories: number

  /** `categoriesOf` an item are from the widest to the narrowest. */
  constructor(
    { items, categories }: Pick<RecommenderLimits, 'items' | 'categories'>,
    categoriesOf: (item: number) => readonly string[],
  ) {
    this.#categoriesOf = categoriesOf
    this.#trends = HALF_LIVES_MS.map((halfLife) => new Trend(new DecayedCounts(items, halfLife)))
    this.#categories = categories
  }

  learn({ item, time }: Pick<Encounter, 'item' | 'time'>): void {
    const categories = this.#categoriesOf(item)
    for (const trend of this.#trends) {
      trend.counts.add(item, time)
      trend.all.offer(item)
      for (const category of categories) trend.category(category, this.#categories)?.offer(item)
    }
  }

  propose(): Candidates {
    return average(this.#trends.map(({ counts, all }) => ({ counts, items: all.items })))
  }

  /** What is popular in the category asked for, else in the narrowest of the newest items; then in the whole shop. */
  fillIns({ items, category }: Pick<ListContext, 'items' | 'category'>): SourcedCandidates[] {
    const narrowest = items
      .slice(0, FILLED_FROM_ITEMS)
      .flatMap((item) => this.#categoriesOf(item).at(-1) ?? [])
    const categories = category === undefined ? new Set(narrowest) : [category]
    return [
      ...Array.from(categories, (name) => ({
        source: OF_CATEGORY,
        candidates: this.#ofCategory(name),
      })),
      { source: popular, candidates: this.propose() },
    ]
  }

  #ofCategory(category: string): Candidates {
    return average(
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
  rankings: readonly { readonly counts: DecayedCounts; readonly items: readonly number[] }[],
): Candidates {
  const scores = new Map<number, number>()
  for (const { counts, items } of rankings) {
    const [first] = items
    if (first === undefined) continue
    const share = 1 / (rankings.length * counts.get(first))
    for (const item of items) scores.set(item, (scores.get(item) ?? 0) + counts.get(item) * share)
  }
  return { items: [...scores.keys()], scores: [...scores.values()], evidence: () => [] }
}
