import type { FetchLimits, Lease, LogRecord } from '#engines/log/port.ts'

const RANGE_LIMITS: FetchLimits = { maxRecords: 20_000, maxBytes: 8 * 1024 * 1024, waitMs: 1_000 }

/** Reads the records of one lease. */
export class PartitionReader {
  readonly #lease: Lease

  constructor(lease: Lease) {
    this.#lease = lease
  }

  /** The next records from `position` on; none when `draining` aborted or nothing came in time. */
  async next(
    position: number,
    limits: FetchLimits,
    draining: AbortSignal,
  ): Promise<readonly LogRecord[]> {
    const signal = AbortSignal.any([draining, this.#lease.signal])
    try {
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
      if (last === undefined) {
        const { topic, partition } = this.#lease
        throw new Error(
          `the log of ${topic}/${partition} ends at ${position}, before ${end} which was committed: it lost records; restore it from a backup`,
        )
      }
      yield last.offset < end ? records : records.filter((record) => record.offset < end)
      position = last.offset + 1
    }
  }
}
