import type { DatabaseSync, StatementSync } from 'node:sqlite'
import { corrupt, type EngineError } from '#engines/errors.ts'
import { sqliteError } from '#engines/sqlite-error.ts'
import type { TopicSpec } from '../port.ts'
import type { FetchResult } from './fetch-result.ts'
import { checksum, fileAt, type LogFile } from './log-file.ts'
import type { PartitionLog } from './partition-log.ts'
import { StoredBatchCursor } from './stored-batch.ts'

export interface StoredTopic extends TopicSpec {
  readonly id: number
}

interface StoredCommit {
  readonly offset: number
  readonly metadata: string
}

/** About 3 ms of reading. */
const SLICE_BYTES = 512 * 1024

type BatchRow = readonly [
  lastOffset: number,
  count: number,
  timestamp: number,
  crc32: number,
  records: Uint8Array,
]

/** Reads the log's file, on a connection of its own. All of it is synchronous: callers keep each read short. */
export class Reader implements Disposable {
  readonly #path: string
  readonly #db: DatabaseSync
  readonly #batches: StatementSync
  readonly #commit: StatementSync
  readonly #epoch: StatementSync

  constructor({ path, db }: LogFile) {
    this.#path = path
    this.#db = db
    this.#batches = db.prepare(
      `SELECT last_offset, count, timestamp, crc32, records FROM batches
       WHERE topic = ? AND partition = ? AND last_offset >= ? AND last_offset < ? ORDER BY last_offset`,
    )
    this.#batches.setReturnArrays(true)
    this.#commit = db.prepare(
      `SELECT next_offset AS "offset", metadata FROM commits
       WHERE member_group = ? AND topic = ? AND partition = ?`,
    )
    this.#epoch = db.prepare(
      'SELECT epoch FROM epochs WHERE member_group = ? AND topic = ? AND partition = ?',
    )
  }

  topics(): readonly StoredTopic[] {
    return this.#guard(() =>
      this.#db
        .prepare('SELECT id, name, partitions, compacted, retention_ms FROM topics ORDER BY id')
        .all()
        .map((row) => ({
          id: Number(row['id']),
          name: String(row['name']),
          partitions: Number(row['partitions']),
          compacted: row['compacted'] === 1,
          ...(row['retention_ms'] !== null && { retentionMs: Number(row['retention_ms']) }),
        })),
    )
  }

  /** The oldest offset kept and the one after the newest. */
  bounds(topicId: number, partition: number): { readonly first: number; readonly end: number } {
    return this.#guard(() => {
      const row = this.#db
        .prepare(
          `SELECT min(last_offset - count + 1) AS "first", max(last_offset) + 1 AS "end"
           FROM (SELECT * FROM (SELECT last_offset, count FROM batches WHERE topic = ?1 AND partition = ?2 ORDER BY last_offset LIMIT 1)
           UNION ALL SELECT * FROM (SELECT last_offset, count FROM batches WHERE topic = ?1 AND partition = ?2 ORDER BY last_offset DESC LIMIT 1))`,
        )
        .get(topicId, partition)
      return { first: Number(row?.['first'] ?? 0), end: Number(row?.['end'] ?? 0) }
    })
  }

  commit(group: string, { topicId, partition }: PartitionLog): StoredCommit | undefined {
    return this.#guard(() => this.#commit.get(group, topicId, partition)) as
      | StoredCommit
      | undefined
  }

  /** The epoch of the newest lease, 0 before the first. */
  epoch(group: string, { topicId, partition }: PartitionLog): number {
    return Number(this.#guard(() => this.#epoch.get(group, topicId, partition))?.['epoch'] ?? 0)
  }

  /**
   * Adds records from `offset` on to the result. False: there are no more, or the result is full. True: the time slice is
   * over, so yield to the event loop and read on.
   * @throws EngineError ENGINE_CORRUPT when the first batch fails its checksum; before a later one the result ends
   */
  read(partition: PartitionLog, offset: number, result: FetchResult): boolean {
    return this.#guard(() => {
      const sliceEnd = result.bytes + SLICE_BYTES
      const { topicId, partition: number, end } = partition
      const rows = this.#batches.iterate(topicId, number, offset, end)
      for (const row of rows as unknown as Iterable<BatchRow>) {
        if (!isWhole(partition, row)) {
          if (result.records.length > 0) return false
          throw this.#damaged(partition, row)
        }
        const [lastOffset, count, timestamp, , records] = row
        const batch = new StoredBatchCursor(records, {
          firstOffset: lastOffset - count + 1,
          timestamp,
        })
        while (batch.offset < offset) batch.skip()
        if (!result.take(batch)) return false
        if (result.bytes >= sliceEnd) return true
      }
      return false
    })
  }

  ping(): void {
    this.#guard(() => this.#db.exec('SELECT 1'))
  }

  [Symbol.dispose](): void {
    this.#db.close()
  }

  #damaged({ name }: PartitionLog, [lastOffset, count]: BatchRow): EngineError {
    return corrupt(
      `offsets ${lastOffset - count + 1} to ${lastOffset} of ${name} are damaged in the log file ${this.#path}; restore it from a backup, or start reading at offset ${lastOffset + 1}`,
    )
  }

  #guard<T>(read: () => T): T {
    try {
      return read()
    } catch (error) {
      throw sqliteError(error, fileAt(this.#path))
    }
  }
}

function isWhole({ topicId, partition }: PartitionLog, row: BatchRow): boolean {
  const [lastOffset, count, timestamp, crc32, records] = row
  return crc32 === checksum({ topic: topicId, partition, lastOffset, count, timestamp, records })
}
