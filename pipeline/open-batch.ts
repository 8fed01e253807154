import type { FetchLimits, LogRecord } from '#engines/log/port.ts'
import type { Classified } from './classify.ts'
import type { DeadLetter } from './dead-letters.ts'
import type { ReplayPoint } from './low-water.ts'
import type { ClassifiedEvent } from './processor.ts'

/** What one batch may hold at most, and how often a partition may store one. */
export interface BatchLimits {
  readonly maxRecords: number
  readonly maxBytes: number
  /** Least time between two batches of a partition: a lone record is stored at once, a stream in batches of this length. */
  readonly intervalMs: number
}

export const BATCH_LIMITS: BatchLimits = {
  maxRecords: 20_000,
  maxBytes: 8 * 1024 * 1024,
  intervalMs: 1_000,
}

/** The records of [start, end) of one partition: classified, and seen in panes, but not stored and committed yet. */
export class OpenBatch {
  readonly start: number
  /** The low-water mark before the first of them. */
  readonly before: ReplayPoint
  readonly since: number
  readonly events: ClassifiedEvent[] = []
  readonly dead: DeadLetter[] = []
  #records = 0
  #bytes = 0

  constructor(start: number, before: ReplayPoint, since: number) {
    this.start = start
    this.before = before
    this.since = since
  }

  get records(): number {
    return this.#records
  }

  add(records: readonly LogRecord[], { events, dead }: Classified): void {
    this.#records += records.length
    for (const { value } of records) this.#bytes += value?.length ?? 0
    for (const event of events) this.events.push(event)
    for (const letter of dead) this.dead.push(letter)
  }

  /** How much room is left. */
  room({ maxRecords, maxBytes }: BatchLimits): Pick<FetchLimits, 'maxRecords' | 'maxBytes'> {
    return { maxRecords: maxRecords - this.#records, maxBytes: maxBytes - this.#bytes }
  }
}
