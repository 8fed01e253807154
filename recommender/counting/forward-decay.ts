/** From this exponent on sums are scaled back, far below what a 32-bit float can hold (2^127). */
const EXPONENT_MAX = 60

/**
 * Exponential decay without ever touching old sums: instead of shrinking the past, new weights grow by
 * 2^((t - landmark) / half-life). Ratios between sums are what decay would have made them.
 * After Cormode et al., "Forward Decay: A Practical Time Decay Model for Streaming Systems" (2009).
 */
export class ForwardDecay {
  readonly #halfLifeMs: number
  readonly #rescale: (factor: number) => void
  #landmark: number | undefined

  /** `rescale` must multiply every sum by the factor; it is called about every 60 half-lives of event time. */
  constructor(halfLifeMs: number, rescale: (factor: number) => void) {
    this.#halfLifeMs = halfLifeMs
    this.#rescale = rescale
  }

  /** What an event at `time` weighs, in the unit of the sums. */
  weight(time: number): number {
    this.#landmark ??= time
    let exponent = (time - this.#landmark) / this.#halfLifeMs
    if (exponent > EXPONENT_MAX) {
      this.#rescale(2 ** -exponent)
      this.#landmark = time
      exponent = 0
    }
    return 2 ** exponent
  }
}
