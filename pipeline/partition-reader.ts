import { EngineError } from '#engines/errors.ts'
import type { FetchLimits, LogRecord } from '#engines/log/port.ts'
import type { RetryingLease } from './retrying.ts'

const RANGE_LIMITS: FetchLimits = { maxRecords: 20_000, maxBytes: 8 * 1024 * 1024, waitMs: 1_000 }
const ONE_NOW: FetchLimits = { maxRecords: 1, maxBytes: 1, waitMs: 0 }

/** Reads the records of one lease; while the log is away it waits. */
export class PartitionReader {
  readonly #lease: RetryingLease

  constructor(lease: RetryingLease) {
    this.#lease = lease
  }

  /** The next records from `position` on; none when `draining` aborted or nothing came in time. */
  async next(
    position: number,
    limits: FetchLimits,
    draining: AbortSignal,
  ): Promise<readonly LogRecord[]> {
    try {
      const signal = AbortSignal.any([draining, this.#lease.signal])
      return await this.#lease.fetch(position, limits, signal)
    } catch (error) {
      if (draining.aborted) return []
      throw error
    }
  }

  /** All records of [start, end), a piece at a time. @throws Error when the log ends before */
  async *range(start: number, end: number): AsyncGenerator<readonly LogRecord[]> {
    let position = start
    while (position < end) {
      const records = await this.#lease.fetch(position, RANGE_LIMITS)
      const last = records.at(-1)
      if (last === undefined) return this.#checkKept(position, end)
      yield last.offset < end ? records : records.filter((record) => record.offset < end)
      position = last.offset + 1
    }
  }

  /** Nothing follows `position`: right where the rest was compacted away, wrong where the log does not reach `end`. */
  async #checkKept(position: number, end: number): Promise<void> {
    try {
      await this.#lease.fetch(end, ONE_NOW)
    } catch (error) {
      if (!(error instanceof EngineError && error.code === 'OFFSET_OUT_OF_RANGE')) throw error
      const { topic, partition } = this.#lease
      throw new Error(
        `the log of ${topic}/${partition} ends at ${position}, before ${end} which was committed: it lost records; restore it from a backup`,
        { cause: error },
      )
    }
  }
}
