import { setImmediate as nextTurn } from 'node:timers/promises'
import { InTurn } from '#engines/in-turn.ts'

/** Longer work without a break would block the event loop for others. */
const TURN_MS = 3

/**
 * Runs pieces of work one after another, in the order they came, and yields to the event loop after every few
 * milliseconds of work, however many callers there are.
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
