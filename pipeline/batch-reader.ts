import type { Clock } from '#engines/clock/port.ts'
import type { FetchLimits, Lease, LogRecord } from '#engines/log/port.ts'

/** What one batch may hold at most, and how long it may gather once it is not empty. */
export interface BatchLimits {
  readonly maxRecords: number
  readonly maxBytes: number
  /** Least time between two batches of a partition: a lone record goes at once, a stream in batches of this length. */
  readonly intervalMs: number
}

export const BATCH_LIMITS: BatchLimits = {
  maxRecords: 20_000,
  maxBytes: 8 * 1024 * 1024,
  intervalMs: 250,
}

const IDLE_WAIT_MS = 1_000

/** Takes the records of one lease in batches [position, end). */
export class BatchReader {
  readonly #lease: Lease
  readonly #clock: Clock
  readonly #limits: BatchLimits
  #lastBatchAt = Number.NEGATIVE_INFINITY

  constructor(lease: Lease, clock: Clock, limits: BatchLimits) {
    this.#lease = lease
    this.#clock = clock
    this.#limits = limits
  }

  /** The next records from `position` on; none when `draining` aborted or nothing came for a second. */
  async next(position: number, draining: AbortSignal): Promise<readonly LogRecord[]> {
    const signal = AbortSignal.any([draining, this.#lease.signal])
    const limits = { ...this.#limits, waitMs: IDLE_WAIT_MS }
    const first = await this.#lease.fetch(position, limits, signal).catch((error: unknown) => {
      if (draining.aborted) return []
      throw error
    })
    if (first.length === 0) return first
    const wait = this.#lastBatchAt + this.#limits.intervalMs - this.#clock.now()
    const hasRoom = first.length < this.#limits.maxRecords
    if (wait > 0 && hasRoom) await this.#clock.sleep(wait, signal)
    this.#lastBatchAt = this.#clock.now()
    return wait > 0 && hasRoom ? this.#extended(first) : first
  }

  /** All records of [start, end), a piece at a time. @throws Error when the log ends before */
  async *range(start: number, end: number): AsyncGenerator<readonly LogRecord[]> {
    let position = start
    while (position < end) {
      const records = await this.#lease.fetch(position, { ...this.#limits, waitMs: IDLE_WAIT_MS })
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

  async #extended(first: readonly LogRecord[]): Promise<readonly LogRecord[]> {
    const last = first.at(-1)
    if (last === undefined) return first
    const limits: FetchLimits = {
      ...this.#limits,
      maxRecords: this.#limits.maxRecords - first.length,
      waitMs: 0,
    }
    return [...first, ...(await this.#lease.fetch(last.offset + 1, limits))]
  }
}
