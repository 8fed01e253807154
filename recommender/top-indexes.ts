/** The indexes of the highest scores, best first, at most `limit`; of equal scores the one that `before` puts first. */
export function topIndexes(
  scores: Float64Array,
  limit: number,
  before: (a: number, b: number) => number,
): number[] {
  let threshold = 0
  if (scores.length > limit) {
    // Native sort of the bare numbers finds the threshold; comparing indexes is left for the few above it.
    const ascending = scores.slice().sort()
    threshold = ascending[ascending.length - limit] ?? 0
  }
  const found: number[] = []
  for (let index = 0; index < scores.length; index++)
    if ((scores[index] ?? 0) >= threshold) found.push(index)
  found.sort((a, b) => (scores[b] ?? 0) - (scores[a] ?? 0) || before(a, b))
  return found.slice(0, limit)
}
