import { EngineError } from '#engines/errors.ts'
import type { FetchLimits, LogRecord, Partition } from '../port.ts'
import { nameOf } from './offsets.ts'
import type { RecordBatch } from './record-batch.ts'

/** What the next request to the broker is to bring. */
export interface Wanted {
  readonly offset: number
  readonly maxBytes: number
  /** Comes back with the answer: a buffer that was moved since does not take it. */
  readonly turn: number
}

/**
 * Records of one partition between the broker and the consumer: those after the last ones taken are prefetched, up to
 * `bytesMax`. Seeking elsewhere drops them. Nothing is fetched before the first seek.
 */
export class PartitionBuffer {
  readonly at: Partition
  readonly #bytesMax: () => number
  readonly #onChange: () => void
  #batches: RecordBatch[] = []
  #bytes = 0
  /** The next offset for the caller, and the next for the broker; undefined before the first seek. */
  #cursor: number | undefined
  #position = 0
  #turn = 0
  #isAtEnd = false
  /** Of the last attempt, which is retried; and the one that ended the attempts. */
  #lastError: EngineError | undefined
  #failure: EngineError | undefined

  constructor(at: Partition, options: { bytesMax: () => number; onChange: () => void }) {
    this.at = at
    this.#bytesMax = options.bytesMax
    this.#onChange = options.onChange
  }

  /** Undefined while the buffer is full, has failed, or before the first seek. */
  get wanted(): Wanted | undefined {
    if (this.#cursor === undefined || this.#failure !== undefined || this.isFull) return undefined
    const maxBytes = this.#bytesMax() - this.#bytes
    return { offset: this.#position, maxBytes, turn: this.#turn }
  }

  /** It is at least half full. */
  get isFull(): boolean {
    return this.#bytes >= this.#bytesMax() / 2
  }

  /** A broker has said that nothing follows what the buffer holds. */
  get isAtEnd(): boolean {
    return this.#isAtEnd
  }

  /** Why the last attempt to fetch failed; it is being retried. */
  get lastError(): EngineError | undefined {
    return this.#lastError
  }

  /** Takes the records from this offset on; a failure is forgotten. */
  seek(offset: number): void {
    const cursor = this.#cursor
    const isAhead = cursor !== undefined && offset >= cursor && offset <= this.#position
    if (!isAhead || this.#failure !== undefined) this.#turnTo(offset)
    this.#cursor = offset
  }

  /** Buffered records from `offset` on, within the limits but at least one. @throws EngineError OFFSET_OUT_OF_RANGE */
  take(offset: number, { maxRecords, maxBytes }: FetchLimits): LogRecord[] {
    if (offset !== this.#cursor) this.seek(offset)
    if (this.#failure !== undefined) throw this.#failure
    const records: LogRecord[] = []
    let bytes = 0
    for (let batch = this.#first(); batch !== undefined; batch = this.#first()) {
      const size = batch.nextSize
      if (records.length > 0 && (records.length >= maxRecords || bytes + size > maxBytes)) break
      const record = batch.next()
      if (record.offset < (this.#cursor ?? 0)) continue
      records.push(record)
      bytes += size
      this.#cursor = record.offset + 1
    }
    return records
  }

  /** What a broker answered: the batches from the offset wanted on. */
  accept(batches: readonly RecordBatch[], { turn, end }: { turn: number; end: number }): void {
    if (turn !== this.#turn) return
    this.#lastError = undefined
    for (const batch of batches) {
      this.#position = Math.max(this.#position, batch.lastOffset + 1)
      if (batch.isControl) continue
      this.#batches.push(batch)
      this.#bytes += batch.bytes
    }
    this.#isAtEnd = this.#position >= end
    this.#onChange()
  }

  /** The broker does not have the offset wanted. */
  miss(turn: number): void {
    if (turn !== this.#turn) return
    this.#failure = new EngineError(
      'OFFSET_OUT_OF_RANGE',
      `offset ${this.#position} of ${nameOf(this.at)} is not kept: it is below the oldest, or beyond the end; the bounds say which there are`,
    )
    this.#onChange()
  }

  /** An attempt to fetch failed. */
  fail(turn: number, error: EngineError): void {
    if (turn !== this.#turn) return
    this.#isAtEnd = false
    if (error.retriable) this.#lastError = error
    else this.#failure = error
    this.#onChange()
  }

  #first(): RecordBatch | undefined {
    let batch = this.#batches[0]
    while (batch?.done === true) {
      this.#batches.shift()
      this.#bytes -= batch.bytes
      batch = this.#batches[0]
    }
    return batch
  }

  #turnTo(offset: number): void {
    this.#batches = []
    this.#bytes = 0
    this.#position = offset
    this.#turn += 1
    this.#isAtEnd = false
    this.#lastError = undefined
    this.#failure = undefined
  }
}
