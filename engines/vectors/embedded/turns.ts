import { setImmediate as nextTurn } from 'node:timers/promises'
import { InTurn } from '#engines/in-turn.ts'

/** Work of more than this at a stretch makes others on the event loop wait. */
const TURN_MS = 3

/**
 * Runs pieces of work one after another, in the order they came, and lets the event loop turn whenever a few milliseconds
 * have been used, however many callers there are.
 */
export class Turns {
  readonly #queue = new InTurn()
  #usedMs = 0

  /** Resolves with what the work returns. */
  take<T>(work: () => T): Promise<T> {
    return this.#queue.run(() => this.#run(work))
  }

  async #run<T>(work: () => T): Promise<T> {
    if (this.#usedMs > TURN_MS) {
      await nextTurn()
      this.#usedMs = 0
    }
    const started = performance.now()
    try {
      return work()
    } finally {
      this.#usedMs += performance.now() - started
    }
  }
}
