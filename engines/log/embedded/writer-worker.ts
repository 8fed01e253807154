import type { StatementSync } from 'node:sqlite'
import { parentPort, workerData } from 'node:worker_threads'
import { type SqliteFailure, sqliteFailureOf } from '#engines/sqlite-error.ts'
import type { Change, NewBatch, Outcome, Transaction, WriterMessage } from './changes.ts'
import { checksum, connect } from './log-file.ts'

/** The log's only writer: one transaction for each message, fsynced before the answer. */
const db = connect(workerData as string)

const insertBatch = db.prepare('INSERT INTO batches VALUES (?, ?, ?, ?, ?, ?, ?)')
const insertTopic = db.prepare('INSERT INTO topics VALUES (?, ?, ?, ?, ?)')
const upsertCommit = db.prepare('INSERT OR REPLACE INTO commits VALUES (?, ?, ?, ?, ?)')
const upsertEpoch = db.prepare('INSERT OR REPLACE INTO epochs VALUES (?, ?, ?, ?)')

parentPort?.on('message', (message: WriterMessage) => {
  if (message.kind === 'close') close()
  else parentPort?.postMessage({ failure: write(message) } satisfies Outcome)
})

function close(): void {
  db.close()
  parentPort?.close()
}

function write({ batches, changes, timestamp }: Transaction): SqliteFailure | undefined {
  try {
    db.exec('BEGIN IMMEDIATE')
    for (const batch of batches) writeBatch(batch, timestamp)
    for (const change of changes) writeChange(change)
    db.exec('COMMIT')
    return undefined
  } catch (error) {
    if (db.isTransaction) db.exec('ROLLBACK')
    return sqliteFailureOf(error)
  }
}

function writeBatch(batch: NewBatch, timestamp: number): void {
  const { topic, partition, lastOffset, count, records } = batch
  const crc = checksum({ ...batch, timestamp })
  insertBatch.run(topic, partition, lastOffset, count, timestamp, crc, records)
}

function writeChange(change: Change): ReturnType<StatementSync['run']> {
  switch (change.kind) {
    case 'topic': {
      const { id, name, partitions, compacted, retentionMs } = change
      return insertTopic.run(id, name, partitions, Number(compacted), retentionMs ?? null)
    }
    case 'commit': {
      const { group, topic, partition, offset, metadata } = change
      return upsertCommit.run(group, topic, partition, offset, metadata)
    }
    case 'epoch': {
      const { group, topic, partition, epoch } = change
      return upsertEpoch.run(group, topic, partition, epoch)
    }
  }
}
