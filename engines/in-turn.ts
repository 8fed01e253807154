/** Runs one piece of work after the other, in the order they came. */
export class InTurn {
  #last: Promise<unknown> = Promise.resolve()

  /** Resolves with what the work returns; a failure is its caller's alone. */
  run<T>(work: () => T | Promise<T>): Promise<T> {
    const mine = this.#last.then(work)
    this.#last = mine.catch(() => undefined)
    return mine
  }

  /** Resolves when the work that has come so far has ended. */
  async ended(): Promise<void> {
    await this.#last
  }
}
