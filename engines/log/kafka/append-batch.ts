import { type EngineError, refused } from '#engines/errors.ts'
import type { NewRecord, Partition } from '../port.ts'
import { BatchBuilder } from './batch-builder.ts'
import { nameOf } from './offsets.ts'

/** Below the brokers' default limit of 1,048,588 bytes (message.max.bytes). */
export const RECORD_BYTES_MAX = 1_000_000
const BATCH_BYTES = 512 * 1024

/** Records of one partition that go to the broker together. */
export class AppendBatch {
  readonly at: Partition
  /** The upper bound that its callers were charged with, bytes. */
  chargedBytes = 0
  /** When to stop retrying it, UTC milliseconds. */
  readonly deadline: number
  readonly #builder = new BatchBuilder()
  readonly #written = Promise.withResolvers<number>()
  #encoded: Buffer | undefined

  constructor(at: Partition, deadline: number) {
    this.at = at
    this.deadline = deadline
    this.#written.promise.catch(() => undefined)
  }

  /** Resolves with the offset of the first record once all are durable. */
  get written(): Promise<number> {
    return this.#written.promise
  }

  hasRoomFor(bytes: number): boolean {
    if (this.#encoded !== undefined) return false
    return this.#builder.count === 0 || this.#builder.bytes + bytes <= BATCH_BYTES
  }

  /** Returns the record's place in the batch. `bytes` is what it takes at most. */
  add(record: NewRecord, bytes: number): number {
    this.#builder.add(record)
    this.chargedBytes += bytes
    return this.#builder.count - 1
  }

  /** The bytes for the broker. Nothing can be added after the first call. */
  encode(timestamp: number): Buffer {
    this.#encoded ??= this.#builder.take(timestamp)
    return this.#encoded
  }

  succeed(firstOffset: number): void {
    this.#written.resolve(firstOffset)
  }

  fail(error: EngineError): void {
    this.#written.reject(error)
  }
}

/** @throws EngineError ENGINE_REFUSED */
export function checkRecordSize(bytes: number, at: Partition): void {
  if (bytes <= RECORD_BYTES_MAX) return
  throw refused(
    `a record for ${nameOf(at)} takes up to ${bytes} bytes, more than recordBytesMax = ${RECORD_BYTES_MAX}; make it smaller, or keep the large part elsewhere`,
  )
}
