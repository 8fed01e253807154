import type { Logger } from 'pino'
import type { Clock } from '#engines/clock/port.ts'
import type { Collector } from '#ingest/collector/collector.ts'
import { eventOfRow } from './event-of-row.ts'
import { type IdentifiedRecord, identifiedRecords } from './identified-records.ts'
import type { LogEnds } from './log-ends.ts'
import type { OnceAppender } from './once-appender.ts'
import type { OutboxMetrics } from './outbox-metrics.ts'
import type { OutboxSession } from './outbox-session.ts'
import {
  type ChunkLimits,
  type OutboxPlace,
  type OutboxRow,
  OutboxTable,
  type RejectedRow,
} from './outbox-table.ts'

export const CHUNK_LIMITS: ChunkLimits = {
  rows: 1_000,
  bytes: 8 * 1024 * 1024,
  payloadBytesMax: 1024 * 1024,
}

/** Called at places where a crash is most likely to show a fault; the crash test ends the process there. */
export type OutboxCrashHook = (point: 'after-intent' | 'after-append' | 'after-advance') => void

interface OutboxChunksOptions {
  readonly session: OutboxSession
  readonly collector: Collector
  readonly appender: OnceAppender
  readonly limits: ChunkLimits
  readonly deleteAfter?: 'off' | 'chunk'
  readonly clock: Clock
  readonly logger: Logger
  readonly metrics: OutboxMetrics
  readonly crashPoint?: OutboxCrashHook
  /** Aborts when the session is lost or the reader stops: no chunk is begun, and waiting for the log ends. */
  readonly signal: AbortSignal
}

/**
 * Moves an outbox into the log, chunk by chunk:
 * 1. read the rows that are decided (`OutboxTable.read`);
 * 2. note the end of the chunk and where the log ends: the intent;
 * 3. append the events;
 * 4. in one transaction: move the position past the chunk, store its rejected rows, clear the intent.
 * After a crash the intent says which rows are in doubt, and the log which of them it has.
 */
export class OutboxChunks {
  readonly #options: OutboxChunksOptions
  readonly #table: OutboxTable

  constructor(options: OutboxChunksOptions) {
    this.#options = options
    this.#table = new OutboxTable(options.session)
  }

  /** Finishes the chunk in doubt, if there is one. @returns the place to read on from */
  async resume(): Promise<OutboxPlace> {
    const { limits, appender, signal } = this.#options
    const { position, intent } = await this.#table.load()
    if (intent === undefined) return position
    const { end, ends } = intent
    const { records, rejected } = this.#eventsOf(await this.#table.readUntil(position, end, limits))
    await appender.settle(records, ends, signal)
    return this.#advance(position, { end, records, rejected })
  }

  /** Moves the next chunk; undefined when there is none. */
  async moveNext(after: OutboxPlace): Promise<OutboxPlace | undefined> {
    const { limits, appender, signal, crashPoint } = this.#options
    const rows = await this.#table.read(after, limits)
    const last = rows.at(-1)
    if (last === undefined) return undefined
    const end = { xid: last.xid, id: last.id }
    const { records, rejected } = this.#eventsOf(rows)
    const note = async (ends: LogEnds) => {
      await this.#table.note({ end, ends })
      crashPoint?.('after-intent')
    }
    if (records.length > 0) await appender.append(records, note, signal)
    crashPoint?.('after-append')
    const position = await this.#advance(after, { end, records, rejected })
    crashPoint?.('after-advance')
    return position
  }

  async measureLag(after: OutboxPlace): Promise<void> {
    const { metrics, clock } = this.#options
    const oldest = await this.#table.oldestUnread(after)
    metrics.lag(oldest === undefined ? 0 : clock.now() - oldest)
  }

  #eventsOf(rows: readonly OutboxRow[]): Omit<Chunk, 'end'> {
    const { collector, limits } = this.#options
    const encoded = collector.encode(rows.map((row) => eventOfRow(row, limits.payloadBytesMax)))
    const ids = rows.map(({ id }) => id)
    return {
      records: identifiedRecords(encoded, ids),
      rejected: encoded.rejected.map((each) => ({ ...each, id: ids[each.index] ?? '' })),
    }
  }

  async #advance(after: OutboxPlace, { end, records, rejected }: Chunk): Promise<OutboxPlace> {
    const { deleteAfter = 'off', metrics, logger } = this.#options
    await this.#table.advance({ after, end, rejected, isDeleted: deleteAfter === 'chunk' })
    metrics.moved(records.length, rejected)
    const [first] = rejected
    if (first !== undefined)
      logger.warn(
        { rejected: rejected.length, first },
        'rows are no events; see freshet_outbox_rejected',
      )
    return end
  }
}

interface Chunk {
  readonly end: OutboxPlace
  readonly records: readonly IdentifiedRecord[]
  readonly rejected: readonly RejectedRow[]
}
