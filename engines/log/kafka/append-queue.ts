import type { EngineError } from '#engines/errors.ts'
import type { NewRecord, Partition } from '../port.ts'
import { AppendBatch } from './append-batch.ts'

/** Where a record will stand: its batch, and its place there. */
export interface Place {
  readonly batch: AppendBatch
  readonly ordinal: number
}

/** What waits for one partition, in order. Only the first batch may be on its way. */
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

  /** The first batch is durable from this offset on. */
  succeed(firstOffset: number): void {
    this.#batches.shift()?.succeed(firstOffset)
  }

  /** The first batch is given up. */
  fail(error: EngineError): void {
    this.#batches.shift()?.fail(error)
  }
}
