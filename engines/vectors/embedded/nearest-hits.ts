import type { Hit } from '#engines/vectors/port.ts'

/** The best `limit` hits of a scan: highest score first, ties by id in ascending order. */
export class NearestHits {
  readonly #limit: number
  readonly #hits: Hit[] = []

  constructor(limit: number) {
    this.#limit = limit
  }

  /** Whether a point with this score would be among the best so far. */
  admits(score: number, id: string): boolean {
    if (this.#hits.length < this.#limit) return true
    const last = this.#hits[this.#limit - 1]
    return last !== undefined && precedes(score, id, last)
  }

  /** Adds a hit that `admits` accepted. */
  add(hit: Hit): void {
    let low = 0
    let high = this.#hits.length
    while (low < high) {
      const middle = (low + high) >> 1
      if (precedes(hit.score, hit.id, this.#hits[middle] as Hit)) high = middle
      else low = middle + 1
    }
    this.#hits.splice(low, 0, hit)
    if (this.#hits.length > this.#limit) this.#hits.pop()
  }

  get bestFirst(): readonly Hit[] {
    return this.#hits
  }
}

function precedes(score: number, id: string, other: Hit): boolean {
  return score > other.score || (score === other.score && id < other.id)
}
