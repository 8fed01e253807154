/** Means over the predictions so far; shares, so between 0 and 1. */
export interface MetricValues {
  readonly hr_at_10: number
  readonly ndcg_at_10: number
  readonly mrr_at_20: number
  readonly recall_at_20: number
}

/** How long the lists are that are judged. */
export const LIST_LENGTH = 20
const TOP = 10

type Metric = keyof MetricValues
const METRICS: readonly Metric[] = ['hr_at_10', 'ndcg_at_10', 'mrr_at_20', 'recall_at_20']

/** Adds up how good lists are against what was wanted. */
export class RankingMetrics {
  #predictions = 0
  readonly #sums = zero()
  readonly #squares = zero()
  readonly #shown = new Set<string>()

  get predictions(): number {
    return this.#predictions
  }

  /** How many distinct items were in any list. */
  get itemsShown(): number {
    return this.#shown.size
  }

  /** `list` best first, at most LIST_LENGTH long; at least one target. */
  add(list: readonly string[], targets: ReadonlySet<string>): void {
    this.#predictions++
    const values = judge(list, targets)
    for (const metric of METRICS) {
      this.#sums[metric] += values[metric]
      this.#squares[metric] += values[metric] ** 2
    }
    for (const item of list) this.#shown.add(item)
  }

  means(): MetricValues {
    return map((metric) => this.#sums[metric] / this.#predictions)
  }

  /** Of each mean, as if predictions were independent; those of one session are not, so take twice this as noise. */
  standardErrors(): MetricValues {
    return map((metric) => {
      const mean = this.#sums[metric] / this.#predictions
      const variance = this.#squares[metric] / this.#predictions - mean ** 2
      return Math.sqrt(Math.max(0, variance) / this.#predictions)
    })
  }
}

/** One list: binary relevance, the ideal list has all the targets first. */
function judge(list: readonly string[], targets: ReadonlySet<string>): MetricValues {
  let hits = 0
  let gain = 0
  let firstRank = 0
  let rank = 0
  for (const item of list) {
    rank++
    if (!targets.has(item)) continue
    hits++
    firstRank ||= rank
    if (rank <= TOP) gain += 1 / Math.log2(rank + 1)
  }
  let idealGain = 0
  for (let ideal = 1; ideal <= Math.min(TOP, targets.size); ideal++)
    idealGain += 1 / Math.log2(ideal + 1)
  return {
    hr_at_10: firstRank > 0 && firstRank <= TOP ? 1 : 0,
    ndcg_at_10: gain / idealGain,
    mrr_at_20: firstRank > 0 ? 1 / firstRank : 0,
    recall_at_20: hits / targets.size,
  }
}

function zero(): Record<Metric, number> {
  return { hr_at_10: 0, ndcg_at_10: 0, mrr_at_20: 0, recall_at_20: 0 }
}

function map(value: (metric: Metric) => number): MetricValues {
  const values = zero()
  for (const metric of METRICS) values[metric] = value(metric)
  return values
}
