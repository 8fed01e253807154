import type { Reason } from '#schemas/http/recommendations.ts'

/** What a list is made for. */
export interface Context {
  /** Distinct items that somebody was interested in, newest first; the first is what is being looked at. */
  readonly items: readonly number[]
  /** How many moments before the newest each of them lies; items of one basket share a moment. */
  readonly ages: readonly number[]
}

/** The items of the newest moments, so many of them. */
export function newestItems({ items, ages }: Context, moments: number): readonly number[] {
  const end = ages.findIndex((age) => age >= moments)
  return end < 0 ? items : items.slice(0, end)
}

/** What one source proposes: parallel arrays, in any order, scores above 0. */
export interface Candidates {
  readonly source: Reason['source']
  readonly items: ArrayLike<number>
  readonly scores: ArrayLike<number>
  /** The items of the context that led to this one, newest first. */
  evidence(item: number): readonly number[]
}

/** Proposes items for a context: one idea of what somebody wants next. */
export interface CandidateSource {
  propose(context: Context): Candidates
}
