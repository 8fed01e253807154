import type { NewRecord } from '../port.ts'
import type { Change, NewBatch, Transaction } from './changes.ts'
import type { PartitionLog } from './partition-log.ts'
import { StoredBatchBuilder } from './stored-batch.ts'

interface Tail {
  readonly batches: StoredBatchBuilder[]
  count: number
  /** Known once the group is sent to the disk. */
  firstOffset: number
}

/** Appends and changes of one transaction. */
export class WriteGroup {
  /** The upper bound that the callers were charged with. */
  bytes = 0
  readonly #tails = new Map<PartitionLog, Tail>()
  readonly #changes: Change[] = []
  readonly #outcome = Promise.withResolvers<void>()

  /** Resolves when all of it is on the disk, rejects when none of it is. */
  get written(): Promise<void> {
    return this.#outcome.promise
  }

  get isEmpty(): boolean {
    return this.#tails.size === 0 && this.#changes.length === 0
  }

  /** Returns the record's ordinal within its partition and this group. */
  append(partition: PartitionLog, record: NewRecord): number {
    const tail = this.#tailOf(partition)
    let batch = tail.batches.at(-1)
    if (batch === undefined || batch.isFull) {
      batch = new StoredBatchBuilder()
      tail.batches.push(batch)
    }
    batch.add(record)
    return tail.count++
  }

  change(change: Change): void {
    this.#changes.push(change)
  }

  /** The offset of an appended record, once `written` has resolved. */
  offset(partition: PartitionLog, ordinal: number): number {
    return this.#tailOf(partition).firstOffset + ordinal
  }

  /** Assigns the offsets and returns what is to be written. */
  seal(timestamp: number): Transaction {
    const batches: NewBatch[] = []
    for (const [partition, tail] of this.#tails) {
      tail.firstOffset = partition.end
      let end = tail.firstOffset
      for (const builder of tail.batches) {
        end += builder.count
        batches.push({
          topic: partition.topicId,
          partition: partition.partition,
          lastOffset: end - 1,
          count: builder.count,
          records: builder.take(),
        })
      }
      tail.batches.length = 0
    }
    return { timestamp, batches, changes: this.#changes }
  }

  commit(): void {
    for (const [partition, tail] of this.#tails) partition.extend(tail.count)
    this.#outcome.resolve()
  }

  fail(error: Error): void {
    this.#outcome.reject(error)
  }

  #tailOf(partition: PartitionLog): Tail {
    let tail = this.#tails.get(partition)
    if (tail === undefined) {
      tail = { batches: [], count: 0, firstOffset: partition.end }
      this.#tails.set(partition, tail)
    }
    return tail
  }
}
