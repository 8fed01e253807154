import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { crc32 } from 'node:zlib'
import { refused } from '#engines/errors.ts'
import { type SqliteFile, sqliteError } from '#engines/sqlite-error.ts'

const FORMAT = 1

/**
 * One row of `batches` holds the records of one partition that one transaction appended (see stored-batch.ts), found by
 * its last offset: the first row whose last offset is not below the one sought begins the read.
 */
const TABLES = `
  CREATE TABLE topics (
    id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, partitions INTEGER NOT NULL,
    compacted INTEGER NOT NULL, retention_ms INTEGER
  ) STRICT;
  CREATE TABLE batches (
    topic INTEGER NOT NULL, partition INTEGER NOT NULL, last_offset INTEGER NOT NULL,
    count INTEGER NOT NULL, timestamp INTEGER NOT NULL, crc32 INTEGER NOT NULL, records BLOB NOT NULL,
    PRIMARY KEY (topic, partition, last_offset)
  ) STRICT;
  CREATE TABLE commits (
    member_group TEXT NOT NULL, topic INTEGER NOT NULL, partition INTEGER NOT NULL,
    next_offset INTEGER NOT NULL, metadata TEXT NOT NULL,
    PRIMARY KEY (member_group, topic, partition)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE epochs (
    member_group TEXT NOT NULL, topic INTEGER NOT NULL, partition INTEGER NOT NULL, epoch INTEGER NOT NULL,
    PRIMARY KEY (member_group, topic, partition)
  ) STRICT, WITHOUT ROWID;
  PRAGMA user_version = ${FORMAT};
`

export interface LogFile {
  readonly path: string
  readonly db: DatabaseSync
}

/** Opens the log's file in the folder, creating both if absent. @throws EngineError with one sentence that says what to do */
export function openLogFile(folder: string): LogFile {
  const path = join(folder, 'log.sqlite')
  try {
    mkdirSync(folder, { recursive: true })
    const db = connect(path)
    prepareTables(db, path)
    return { path, db }
  } catch (error) {
    throw sqliteError(error, fileAt(path))
  }
}

/** The log's file, for messages. */
export function fileAt(path: string): SqliteFile {
  const ifDamaged = 'restore it from a backup, or move it aside to start with an empty log'
  return { what: 'the log file', path, ifDamaged }
}

/** A connection to an existing log file. What COMMIT writes is on the disk when it returns. */
export function connect(path: string): DatabaseSync {
  const db = new DatabaseSync(path, { timeout: 10_000 })
  db.exec('PRAGMA page_size = 16384; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL')
  return db
}

function prepareTables(db: DatabaseSync, path: string): void {
  const version = Number(db.prepare('PRAGMA user_version').get()?.['user_version'])
  if (version === FORMAT) return
  if (version !== 0) {
    throw refused(
      `the log file ${path} has format ${version}, this version of Freshet reads format ${FORMAT}; use the version that wrote it`,
    )
  }
  db.exec(`BEGIN IMMEDIATE; ${TABLES} COMMIT`)
}

/** One row of `batches` but for its checksum. */
export interface StoredBatch {
  readonly topic: number
  readonly partition: number
  readonly lastOffset: number
  readonly count: number
  readonly timestamp: number
  readonly records: Uint8Array
}

/** Covers the batch's place as well as its bytes, so that a row in the wrong place is detected too. */
export function checksum(batch: StoredBatch): number {
  const { topic, partition, lastOffset, count, timestamp } = batch
  const place = `${topic}/${partition}/${lastOffset}/${count}/${timestamp}`
  return crc32(batch.records, crc32(place))
}
