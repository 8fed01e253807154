import type { EngineError } from '#engines/errors.ts'
import type { NewRecord, Partition } from '../port.ts'
import { AppendBatch } from './append-batch.ts'

/** Where a record was put: its batch, and its position in that. */
export interface Place {
  readonly batch: AppendBatch
  readonly ordinal: number
}

/** The batches that wait for one partition, in order. Only the first may be in flight. */
export class AppendQueue {
  readonly at: Partition
  readonly #batches: AppendBatch[] = []

  constructor(at: Partition) {
    this.at = at
  }

  get first(): AppendBatch | undefined {
    return this.#batches[0]
  }

  add(record: NewRecord, bytes: number, deadline: number): Place {
    let batch = this.#batches.at(-1)
    if (batch?.hasRoomFor(bytes) !== true) {
      batch = new AppendBatch(this.at, deadline)
      this.#batches.push(batch)
    }
    return { batch, ordinal: batch.add(record, bytes) }
  }

  /** Completes the first batch, which is durable from this offset on. */
  succeed(firstOffset: number): void {
    this.#batches.shift()?.succeed(firstOffset)
  }

  /** Fails the first batch. */
  fail(error: EngineError): void {
    this.#batches.shift()?.fail(error)
  }
}
