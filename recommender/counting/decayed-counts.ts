import { ForwardDecay } from './forward-decay.ts'

/** How often each item was wanted, with an exponential decay; only ratios between the counts mean anything. */
export class DecayedCounts {
  readonly #counts: Float64Array
  readonly #decay: ForwardDecay

  constructor(items: number, halfLifeMs: number) {
    this.#counts = new Float64Array(items)
    this.#decay = new ForwardDecay(halfLifeMs, (factor) => this.#scale(factor))
  }

  add(item: number, time: number): void {
    // First, because it may scale the counts.
    const weight = this.#decay.weight(time)
    this.#counts[item] = (this.#counts[item] ?? 0) + weight
  }

  /** In the unit of the moment; grows only, but for a common factor. */
  get(item: number): number {
    return this.#counts[item] ?? 0
  }

  /** The item's past in events of this moment. */
  asOf(item: number, time: number): number {
    const weight = this.#decay.weight(time)
    return this.get(item) / weight
  }

  #scale(factor: number): void {
    for (let item = 0; item < this.#counts.length; item++)
      this.#counts[item] = (this.#counts[item] ?? 0) * factor
  }
}
