/** The indexes of the highest scores, best first, at most `limit`; of equal scores the one that `before` puts first. */
export function topIndexes(
  scores: Float64Array,
  limit: number,
  before: (a: number, b: number) => number,
): number[] {
  // Comparing indexes is left for the few that reach the threshold.
  const threshold = scores.length > limit ? nthHighest(scores.slice(), limit) : 0
  const found: number[] = []
  for (let index = 0; index < scores.length; index++)
    if ((scores[index] ?? 0) >= threshold) found.push(index)
  found.sort((a, b) => (scores[b] ?? 0) - (scores[a] ?? 0) || before(a, b))
  return found.slice(0, limit)
}

/** The n-th highest value, 1 <= n <= length, in linear time on average; reorders the values (Hoare's quickselect, 1961). */
function nthHighest(values: Float64Array, n: number): number {
  let low = 0
  let high = values.length - 1
  while (low < high) {
    const pivot = values[(low + high) >>> 1] ?? 0
    let left = low
    let right = high
    while (left <= right) {
      while ((values[left] ?? 0) > pivot) left++
      while ((values[right] ?? 0) < pivot) right--
      if (left > right) break
      const swapped = values[left] ?? 0
      values[left++] = values[right] ?? 0
      values[right--] = swapped
    }
    if (n - 1 <= right) high = right
    else if (n - 1 >= left) low = left
    else break
  }
  return values[n - 1] ?? 0
}
