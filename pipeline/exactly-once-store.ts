import type { Logger } from 'pino'
import type { Partition } from '#engines/log/port.ts'
import type { Row, TableSpec } from '#schemas/tables.ts'
import type { CrashHook } from './crash-point.ts'
import { type Batch, writeNote } from './intent.ts'
import type { ReplayPoint } from './low-water.ts'
import type { ClassifiedEvent, RecordProcessor } from './processor.ts'
import type { RetryingLease, RetryingTables } from './retrying.ts'

/** `at-least-once` writes no intent and no token: the control that shows what the protocol is for, and what it costs. */
export type Delivery = 'exactly-once' | 'at-least-once'

interface OffsetRange {
  readonly start: number
  readonly end: number
}

/** The events of [start, end) that are to be stored as rows. */
export interface StorableBatch extends OffsetRange {
  readonly events: readonly ClassifiedEvent[]
}

interface StoreOptions {
  readonly tables: RetryingTables
  readonly record: RecordProcessor
  readonly version: string
  readonly delivery: Delivery
  readonly crashPoint: CrashHook
  readonly logger: Logger
}

type ProvenRow = Row<TableSpec> & { readonly _offset: number }

/**
 * Stores batches of records so that each is in the table exactly once, whichever process crashes at whichever moment:
 *
 *     commit(start, intent: end)  ->  insert [start, end) with a token  ->  commit(end)
 *
 * An insert only follows an accepted intent, so at most one batch per partition is ever in doubt, and the commit's
 * note says which. The token lets the engine drop a repeat cheaply; the proof is counting the rows by provenance.
 */
export class ExactlyOnceStore {
  readonly #options: StoreOptions

  constructor(options: StoreOptions) {
    this.#options = options
  }

  /** Durable and committed when it resolves. `before` and `after` are the low-water marks at start and end. */
  async store(
    lease: RetryingLease,
    batch: StorableBatch,
    before: ReplayPoint,
    after: ReplayPoint,
  ): Promise<void> {
    const { version, delivery, crashPoint } = this.#options
    const rows = this.#rows(batch)
    if (rows.length > 0) {
      const inDoubt = { end: batch.end, rows: rows.length, version }
      if (delivery === 'exactly-once')
        await lease.commit(batch.start, writeNote({ inDoubt, low: before }))
      crashPoint('after-intent')
      const attempts = await this.#insert(lease, rows, tokenOf(version, lease, batch))
      // A failed attempt may have left a token without all of its rows.
      if (attempts > 1) await this.#repair(lease, batch, rows, version)
      crashPoint('after-insert')
    }
    await lease.commit(batch.end, writeNote({ low: after }))
  }

  /** Completes the batch that an earlier owner left in doubt: insert again, count, insert what is missing, commit. */
  async resolve(
    lease: RetryingLease,
    inDoubt: Batch,
    batch: StorableBatch,
    after: ReplayPoint,
  ): Promise<void> {
    const { logger, version } = this.#options
    const rows = this.#rows(batch)
    const where = placeOf(lease, batch)
    if (inDoubt.version === version && rows.length !== inDoubt.rows) {
      throw new Error(
        `the batch ${JSON.stringify(where)} had ${inDoubt.rows} rows when it was begun and has ${rows.length} now: the log was changed underneath; compare it with a backup before going on`,
      )
    }
    await this.#insert(lease, rows, tokenOf(inDoubt.version, lease, batch))
    await this.#repair(lease, batch, rows, inDoubt.version)
    await lease.commit(batch.end, writeNote({ low: after }))
    logger.info(where, 'resolved the batch that was in doubt')
  }

  /**
   * What the rows of offsets from `start` on say of repeats. All records before `committed` are stored; of those from
   * there to `end`, which are in doubt, some may be.
   */
  async storedFlags(
    lease: RetryingLease,
    start: number,
    committed: number,
    end: number,
  ): Promise<(offset: number) => { readonly dup: boolean } | undefined> {
    const repeats = new Set(await this.#stored(lease, { start, end }, 'AND dup = 1'))
    const inDoubt = new Set(await this.#stored(lease, { start: committed, end }, ''))
    return (offset) => {
      const isStored = offset >= start && (offset < committed || inDoubt.has(offset))
      return isStored ? { dup: repeats.has(offset) } : undefined
    }
  }

  /** @returns how many attempts it took */
  async #insert(lease: RetryingLease, rows: readonly ProvenRow[], token: string): Promise<number> {
    if (rows.length === 0) return 0
    const { tables, record, delivery, crashPoint } = this.#options
    const { signal } = lease
    const options = delivery === 'exactly-once' ? { signal, token } : { signal }
    const inserted = tables.insert(record.into, rows, options)
    crashPoint('mid-insert')
    return inserted
  }

  async #repair(
    lease: RetryingLease,
    batch: StorableBatch,
    rows: readonly ProvenRow[],
    version: string,
  ): Promise<void> {
    const stored = await this.#stored(lease, batch, '')
    const offsets = new Set(stored)
    const missing = rows.filter((row) => !offsets.has(row._offset))
    const { logger } = this.#options
    const where = placeOf(lease, batch)
    if (stored.length > offsets.size)
      logger.error({ ...where, doubled: stored.length - offsets.size }, 'rows are stored twice')
    if (missing.length === 0) return
    logger.warn(
      { ...where, missing: missing.length },
      'an insert had lost rows; inserting them again',
    )
    await this.#insert(lease, missing, `${tokenOf(version, lease, batch)}/repair`)
  }

  async #stored(lease: RetryingLease, range: OffsetRange, and: string): Promise<number[]> {
    const { tables, record } = this.#options
    if (range.start >= range.end) return []
    const rows = await tables.query<{ _offset: string }>(
      `SELECT _offset FROM ${record.into.name} WHERE _topic = {topic:String} AND _partition = {partition:UInt16}
         AND _offset >= {start:UInt64} AND _offset < {end:UInt64} ${and}`,
      { parameters: placeOf(lease, range), signal: lease.signal },
    )
    return rows.map((row) => Number(row._offset))
  }

  #rows(batch: StorableBatch): readonly ProvenRow[] {
    return batch.events.map((event) => this.#options.record.row(event) as ProvenRow)
  }
}

/** Which records, for a query and for the reader of a log line. */
function placeOf({ topic, partition }: Partition, { start, end }: OffsetRange) {
  return { topic, partition, start, end }
}

/** The same for the same rows of the same batch, and for nothing else. */
function tokenOf(
  version: string,
  { topic, partition }: Partition,
  { start, end }: StorableBatch,
): string {
  return `${version}/${topic}/${partition}/${start}/${end}`
}
