import { EngineError } from '#engines/errors.ts'
import type { FetchLimits, LogRecord, Partition } from '../port.ts'
import { nameOf } from './offsets.ts'
import type { RecordBatch } from './record-batch.ts'

/** What the next request to the broker is to bring. */
export interface Wanted {
  readonly offset: number
  readonly maxBytes: number
  /** Goes with the answer: a buffer that has turned elsewhere meanwhile does not take it. */
  readonly turn: number
}

/**
 * Records of one partition on their way from the broker to who asks for them: those that follow what was asked for last
 * are fetched ahead, up to `bytesMax`. Asking for anything else begins anew there. Nothing is fetched before the first
 * question.
 */
export class PartitionBuffer {
  readonly at: Partition
  readonly #bytesMax: () => number
  readonly #onChange: () => void
  #batches: RecordBatch[] = []
  #bytes = 0
  /** The next offset for the caller, and the next for the broker; undefined before the first question. */
  #cursor: number | undefined
  #position = 0
  #turn = 0
  #isAtEnd = false
  #trouble: EngineError | undefined
  #failure: EngineError | undefined

  constructor(at: Partition, options: { bytesMax: () => number; onChange: () => void }) {
    this.at = at
    this.#bytesMax = options.bytesMax
    this.#onChange = options.onChange
  }

  /** Undefined when enough is here, or nobody has asked for anything. */
  get wanted(): Wanted | undefined {
    if (this.#cursor === undefined || this.#failure !== undefined || this.isFull) return undefined
    const maxBytes = this.#bytesMax() - this.#bytes
    return { offset: this.#position, maxBytes, turn: this.#turn }
  }

  /** Half of what it may hold is here. */
  get isFull(): boolean {
    return this.#bytes >= this.#bytesMax() / 2
  }

  /** A broker has said that nothing follows what is here. */
  get isAtEnd(): boolean {
    return this.#isAtEnd
  }

  /** Why the last attempt to fetch failed; it goes on being tried. */
  get trouble(): EngineError | undefined {
    return this.#trouble
  }

  /** The records are to come from here on; what had failed is tried again. */
  seek(offset: number): void {
    const cursor = this.#cursor
    const isAhead = cursor !== undefined && offset >= cursor && offset <= this.#position
    if (!isAhead || this.#failure !== undefined) this.#turnTo(offset)
    this.#cursor = offset
  }

  /** Records from `offset` on that are here, within the limits but at least one. @throws EngineError OFFSET_OUT_OF_RANGE */
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
    this.#trouble = undefined
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

  /** It was not possible to fetch, this time. */
  fail(turn: number, trouble: EngineError): void {
    if (turn !== this.#turn) return
    this.#isAtEnd = false
    if (trouble.retriable) this.#trouble = trouble
    else this.#failure = trouble
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
    this.#trouble = undefined
    this.#failure = undefined
  }
}
