import type { IPolicy } from 'cockatiel'
import type { Logger } from 'pino'
import type { Lease } from '#engines/log/port.ts'
import type { Tables } from '#engines/tables/port.ts'
import type { Row, TableSpec } from '#schemas/tables.ts'
import { type Batch, writeNote } from './intent.ts'
import type { Mark } from './low-water.ts'
import type { Probe } from './probe.ts'
import type { JudgedEvent, RecordProcessor } from './processor.ts'

/** `at-least-once` writes no intent and no token: the control that shows what the protocol is for, and what it costs. */
export type Delivery = 'exactly-once' | 'at-least-once'

interface OffsetRange {
  readonly start: number
  readonly end: number
}

/** The events of [start, end) that are to be stored as rows. */
export interface StorableBatch extends OffsetRange {
  readonly events: readonly JudgedEvent[]
}

interface StoreOptions {
  readonly tables: Tables
  readonly record: RecordProcessor
  readonly version: string
  readonly delivery: Delivery
  readonly untilTablesAnswer: IPolicy
  readonly untilLogAnswers: IPolicy
  readonly probe: Probe
  readonly logger: Logger
}

type ProvenRow = Row<TableSpec> & { readonly _offset: number }

/**
 * Stores batches of records so that each is in the table exactly once, whatever dies when:
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
  async store(lease: Lease, batch: StorableBatch, before: Mark, after: Mark): Promise<void> {
    const { version, delivery, probe } = this.#options
    const rows = this.#rows(batch)
    if (rows.length > 0) {
      const inDoubt = { end: batch.end, rows: rows.length, version }
      if (delivery === 'exactly-once')
        await this.#commit(lease, batch.start, { inDoubt, low: before })
      probe('after-intent')
      await this.#insert(lease, batch, rows)
      probe('after-insert')
    }
    await this.#commit(lease, batch.end, { low: after })
  }

  /** Brings the batch that an earlier owner left in doubt to its end: insert again, count, insert what is missing, commit. */
  async resolve(lease: Lease, inDoubt: Batch, batch: StorableBatch, after: Mark): Promise<void> {
    const { logger, version, untilTablesAnswer } = this.#options
    const rows = this.#rows(batch)
    const where = placeOf(lease, batch)
    if (inDoubt.version === version && rows.length !== inDoubt.rows) {
      throw new Error(
        `the batch ${JSON.stringify(where)} had ${inDoubt.rows} rows when it was begun and has ${rows.length} now: the log was changed underneath; compare it with a backup before going on`,
      )
    }
    await untilTablesAnswer.execute(
      () => this.#insertOnce(rows, tokenOf(inDoubt.version, lease, batch)),
      lease.signal,
    )
    await this.#repair(lease, batch, rows, inDoubt.version)
    await this.#commit(lease, batch.end, { low: after })
    logger.info(where, 'resolved the batch that was in doubt')
  }

  /**
   * What the rows of offsets from `start` on say of repeats. All records before `committed` are stored; of those from
   * there to `end`, which are in doubt, some may be.
   */
  async storedVerdicts(
    lease: Lease,
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

  async #insert(lease: Lease, batch: StorableBatch, rows: readonly ProvenRow[]): Promise<void> {
    let attempts = 0
    await this.#options.untilTablesAnswer.execute(async () => {
      lease.signal.throwIfAborted()
      attempts += 1
      await this.#insertOnce(rows, tokenOf(this.#options.version, lease, batch))
    }, lease.signal)
    // A failed attempt may have left a token without all of its rows.
    if (attempts > 1) await this.#repair(lease, batch, rows, this.#options.version)
  }

  async #insertOnce(rows: readonly ProvenRow[], token: string): Promise<void> {
    if (rows.length === 0) return
    const { tables, record, delivery, probe } = this.#options
    const inserted = tables.insert(record.into, rows, delivery === 'exactly-once' ? { token } : {})
    probe('mid-insert')
    await inserted
  }

  async #repair(
    lease: Lease,
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
    await this.#options.untilTablesAnswer.execute(
      () => this.#insertOnce(missing, `${tokenOf(version, lease, batch)}/repair`),
      lease.signal,
    )
  }

  #stored(lease: Lease, range: OffsetRange, and: string): Promise<number[]> {
    const { tables, record, untilTablesAnswer } = this.#options
    if (range.start >= range.end) return Promise.resolve([])
    return untilTablesAnswer.execute(async () => {
      const rows = await tables.query<{ _offset: string }>(
        `SELECT _offset FROM ${record.into.name} WHERE _topic = {topic:String} AND _partition = {partition:UInt16}
           AND _offset >= {start:UInt64} AND _offset < {end:UInt64} ${and}`,
        { parameters: placeOf(lease, range) },
      )
      return rows.map((row) => Number(row._offset))
    }, lease.signal)
  }

  #rows(batch: StorableBatch): readonly ProvenRow[] {
    return batch.events.map((event) => this.#options.record.row(event) as ProvenRow)
  }

  async #commit(
    lease: Lease,
    offset: number,
    note: Parameters<typeof writeNote>[0],
  ): Promise<void> {
    await this.#options.untilLogAnswers.execute(
      () => lease.commit(offset, writeNote(note)),
      lease.signal,
    )
  }
}

/** Which records, for a query and for the reader of a log line. */
function placeOf({ topic, partition }: Lease, { start, end }: OffsetRange) {
  return { topic, partition, start, end }
}

/** The same for the same rows of the same batch, and for nothing else. */
function tokenOf(
  version: string,
  { topic, partition }: Lease,
  { start, end }: StorableBatch,
): string {
  return `${version}/${topic}/${partition}/${start}/${end}`
}
