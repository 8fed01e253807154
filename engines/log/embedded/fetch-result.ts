import type { FetchLimits, LogRecord } from '../port.ts'
import type { StoredBatchCursor } from './stored-batch.ts'

/** The records of one fetch: as many as the limits allow, but at least one however large. */
export class FetchResult {
  readonly records: LogRecord[] = []
  bytes = 0
  readonly #limits: FetchLimits

  constructor(limits: FetchLimits) {
    this.#limits = limits
  }

  /** Takes the records left in a batch. False: the result is full. */
  take(batch: StoredBatchCursor): boolean {
    const { records } = this
    const { maxRecords, maxBytes } = this.#limits
    while (!batch.done) {
      const { size } = batch
      if (records.length > 0 && (records.length >= maxRecords || this.bytes + size > maxBytes))
        return false
      records.push(batch.next())
      this.bytes += size
    }
    return true
  }
}
