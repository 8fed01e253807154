import type { Partition } from '../port.ts'

/** A partition in memory: its bounds, and the callbacks of those that wait for records. */
export class PartitionLog implements Partition {
  readonly topic: string
  readonly topicId: number
  readonly partition: number
  first: number
  end: number
  readonly #waiters = new Set<() => void>()

  constructor(at: Partition & { topicId: number; first: number; end: number }) {
    this.topic = at.topic
    this.topicId = at.topicId
    this.partition = at.partition
    this.first = at.first
    this.end = at.end
  }

  /** `count` more records are durable. */
  extend(count: number): void {
    this.end += count
    for (const wake of this.#waiters) wake()
  }

  /** Calls `wake` at each extension until the function returned is called. */
  onExtend(wake: () => void): () => void {
    this.#waiters.add(wake)
    return () => this.#waiters.delete(wake)
  }

  /** For messages. */
  get name(): string {
    return `${this.topic}/${this.partition}`
  }
}
