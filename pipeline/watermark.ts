/** How much disorder is normal: the watermark trails the newest event by this. */
export const OUT_OF_ORDERNESS_MS = 30_000
/** How long after its end, in event time, a pane still takes events and is written again. */
export const ALLOWED_LATENESS_MS = 10 * 60_000
export const PANE_MS = 60_000

/** The start of the one-minute pane that holds this time. */
export function paneOf(time: number): number {
  return Math.floor(time / PANE_MS) * PANE_MS
}

/**
 * The event time up to which a partition is thought complete: newest event seen less the out-of-orderness. It depends
 * on the records alone, never on the wall clock, so that a replay draws the same line between on time and late.
 */
export class Watermark {
  #newest: number

  constructor(watermark = Number.NEGATIVE_INFINITY) {
    this.#newest = watermark + OUT_OF_ORDERNESS_MS
  }

  get value(): number {
    return this.#newest - OUT_OF_ORDERNESS_MS
  }

  observe(time: number): void {
    if (time > this.#newest) this.#newest = time
  }

  /** A pane is closed once its end and the allowed lateness have passed: what comes for it now is late. */
  hasClosed(pane: number): boolean {
    return pane + PANE_MS + ALLOWED_LATENESS_MS <= this.value
  }
}
