/**
 * A bounded memory of ids: `add` says whether an id is new. It forgets in halves, so that at least the last
 * `remembered` and at most twice as many are known.
 */
export class RecentIds {
  readonly #remembered: number
  #young = new Set<string>()
  #old = new Set<string>()

  constructor(remembered: number) {
    this.#remembered = remembered
  }

  /** True when `id` was not among those remembered; it is from now on. */
  add(id: string): boolean {
    if (this.#young.has(id) || this.#old.has(id)) return false
    this.#young.add(id)
    if (this.#young.size >= this.#remembered) {
      this.#old = this.#young
      this.#young = new Set()
    }
    return true
  }
}
