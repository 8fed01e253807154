/** A binary heap of things that are due at a time; those due at the same time leave in the order they came. */
export class TimeQueue<T> {
  readonly #heap: Entry<T>[] = []
  #count = 0

  get size(): number {
    return this.#heap.length
  }

  /** When the next thing is due; undefined when there is none. */
  get nextDue(): number | undefined {
    return this.#heap[0]?.due
  }

  push(due: number, item: T): void {
    const entry = { due, count: this.#count++, item }
    let at = this.#heap.length
    while (at > 0) {
      const parent = (at - 1) >> 1
      const above = this.#heap[parent]
      if (above === undefined || !before(entry, above)) break
      this.#heap[at] = above
      at = parent
    }
    this.#heap[at] = entry
  }

  pop(): T | undefined {
    const first = this.#heap[0]
    const moved = this.#heap.pop()
    if (first === undefined || moved === undefined || this.#heap.length === 0) return first?.item
    let at = 0
    for (;;) {
      const child = this.#earlierChild(at)
      const below = this.#heap[child]
      if (below === undefined || !before(below, moved)) break
      this.#heap[at] = below
      at = child
    }
    this.#heap[at] = moved
    return first.item
  }

  #earlierChild(at: number): number {
    const [left, right] = [this.#heap[2 * at + 1], this.#heap[2 * at + 2]]
    const isRight = left !== undefined && right !== undefined && before(right, left)
    return 2 * at + (isRight ? 2 : 1)
  }
}

interface Entry<T> {
  readonly due: number
  readonly count: number
  readonly item: T
}

function before<T>(one: Entry<T>, other: Entry<T>): boolean {
  return one.due < other.due || (one.due === other.due && one.count < other.count)
}
