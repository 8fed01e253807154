import type { Clock } from '#engines/clock/port.ts'
import { type Row, WATERMARKS } from '#schemas/tables.ts'
import type { PaneWrite } from './panes.ts'
import type { PartitionState } from './partition-state.ts'
import type { PaneTable } from './processor.ts'
import type { RetryingTables } from './retrying.ts'

/** How often what changed in panes goes to the tables: one insert a table for all partitions. */
export const PANE_WRITE_INTERVAL_MS = 300
/** How often the watermarks follow. */
export const WATERMARK_INTERVAL_MS = 1_000
/** A partition without records for this long no longer holds the group's watermark back. */
export const IDLE_AFTER_MS = 30_000

interface PaneWriterOptions {
  readonly group: string
  readonly tables: RetryingTables
  readonly clock: Clock
  /** Called with the age, in milliseconds, of the oldest event that has just become visible in panes. */
  readonly onFresh: (ageMs: number) => void
}

interface Source {
  offset: number
  changedAt: number
  isIdle: boolean
}

/**
 * Writes the open panes of all partitions of a group as absolute values, and how far each partition has come. A
 * repeated write, or a late one of an earlier owner, loses to the higher `ver` and changes nothing.
 */
export class PaneWriter {
  readonly #options: PaneWriterOptions
  readonly #sources = new Map<PartitionState, Source>()
  #writing: Promise<void> = Promise.resolve()
  #watermarksAt = 0

  constructor(options: PaneWriterOptions) {
    this.#options = options
  }

  add(state: PartitionState): void {
    this.#sources.set(state, { offset: -1, changedAt: this.#options.clock.now(), isIdle: false })
  }

  remove(state: PartitionState): void {
    this.#sources.delete(state)
  }

  /** Writes at intervals until the signal aborts. */
  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await this.#options.clock.sleep(PANE_WRITE_INTERVAL_MS, signal)
      await this.flush()
    }
  }

  /** All changes made before the call are in the tables when it resolves. */
  flush(): Promise<void> {
    this.#writing = this.#writing.then(() => this.#write())
    return this.#writing
  }

  async #write(): Promise<void> {
    const byTable = new Map<PaneTable, PaneWrite[]>()
    for (const state of this.#sources.keys()) {
      for (const write of state.unwritten()) {
        const writes = byTable.get(write.table)
        if (writes === undefined) byTable.set(write.table, [write])
        else writes.push(write)
      }
    }
    await Promise.all([...byTable].map(([table, writes]) => this.#insert(table, writes)))
    for (const state of this.#sources.keys()) state.dropClosedPanes()
    await this.#writeWatermarks()
  }

  async #insert(table: PaneTable, writes: readonly PaneWrite[]): Promise<void> {
    const { tables, clock, onFresh } = this.#options
    const rows = writes.flatMap((write) => write.rows)
    await tables.insert(table, rows)
    for (const write of writes) {
      write.written()
      onFresh(clock.now() - write.receivedAt)
    }
  }

  async #writeWatermarks(): Promise<void> {
    const { group, tables, clock } = this.#options
    const now = clock.now()
    if (now - this.#watermarksAt < WATERMARK_INTERVAL_MS) return
    this.#watermarksAt = now
    const rows: Row<typeof WATERMARKS>[] = []
    for (const [state, source] of this.#sources) {
      const { topic, partition, offset, watermark } = state
      if (offset !== source.offset) source.changedAt = now
      const isIdle = now - source.changedAt >= IDLE_AFTER_MS
      if ((offset === source.offset && isIdle === source.isIdle) || !Number.isFinite(watermark))
        continue
      source.offset = offset
      source.isIdle = isIdle
      const at = { group, _topic: topic, _partition: partition }
      rows.push({ ...at, watermark, idle: isIdle ? 1 : 0, ver: now, updated_at: now })
    }
    if (rows.length > 0) await tables.insert(WATERMARKS, rows)
  }
}
