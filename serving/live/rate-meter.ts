interface Reading {
  readonly at: number
  readonly total: number
}

/** The rate of a growing total over the last `spanMs`. */
export class RateMeter {
  readonly #spanMs: number
  #readings: Reading[] = []

  constructor(spanMs: number) {
    this.#spanMs = spanMs
  }

  /** Units per second since the oldest reading within the span; null until there are two. */
  read(total: number, at: number): number | null {
    this.#readings = this.#readings.filter((reading) => at - reading.at <= this.#spanMs)
    const oldest = this.#readings[0]
    this.#readings.push({ at, total })
    if (oldest === undefined || at <= oldest.at) return null
    return Math.max(0, (total - oldest.total) / ((at - oldest.at) / 1000))
  }
}
