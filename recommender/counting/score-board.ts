/** Sums scores by number: dense memory, and cleared in the time of what was touched. */
export class ScoreBoard {
  readonly #scores: Float64Array
  readonly #touched: number[] = []

  constructor(capacity: number) {
    this.#scores = new Float64Array(capacity)
  }

  /** Adds a score above 0; true when it is the number's first. */
  add(number: number, score: number): boolean {
    const before = this.#scores[number] ?? 0
    this.#scores[number] = before + score
    if (before > 0) return false
    this.#touched.push(number)
    return true
  }

  /** The numbers with a score, in the order of their first; empties the board. */
  take(): { readonly items: readonly number[]; readonly scores: Float64Array } {
    const items = this.#touched.splice(0)
    const scores = new Float64Array(items.length)
    for (let index = 0; index < items.length; index++) {
      const item = items[index] ?? 0
      scores[index] = this.#scores[item] ?? 0
      this.#scores[item] = 0
    }
    return { items, scores }
  }
}
