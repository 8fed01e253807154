import pino from 'pino'
import { expect, test } from 'vitest'
import { EngineError } from '#engines/errors.ts'
import type { FetchLimits, Lease, LogRecord } from '#engines/log/port.ts'
import { PartitionReader } from './partition-reader.ts'
import { retryForever } from './retry.ts'
import { retryingLease } from './retrying.ts'

/** A lease of a partition with these offsets, the last of which may have been compacted away. */
function leaseOf(offsets: readonly number[], end: number, failures: EngineError[] = []): Lease {
  const refused = async () => {
    throw new TypeError('nobody commits here')
  }
  return {
    topic: 't',
    partition: 0,
    epoch: 0,
    signal: new AbortController().signal,
    committed: { topic: 't', partition: 0, offset: 0, metadata: '' },
    commit: refused,
    async fetch(offset: number, { maxRecords }: FetchLimits) {
      const failure = failures.shift()
      if (failure !== undefined) throw failure
      if (offset > end) throw new EngineError('OFFSET_OUT_OF_RANGE', `no ${offset}`)
      return offsets
        .filter((kept) => kept >= offset)
        .slice(0, Math.min(maxRecords, 2))
        .map(
          (kept): LogRecord => ({
            offset: kept,
            key: null,
            value: null,
            headers: {},
            timestamp: 0,
          }),
        )
    },
  }
}

async function offsetsRead(lease: Lease, start: number, end: number): Promise<number[]> {
  const retry = retryForever('log', pino({ enabled: false }))
  const reader = new PartitionReader(retryingLease(lease, retry))
  const read: number[] = []
  for await (const records of reader.range(start, end))
    read.push(...records.map(({ offset }) => offset))
  return read
}

test('a range is what is kept of it, whatever was compacted away, also at its end', async () => {
  expect(await offsetsRead(leaseOf([0, 3, 4, 9], 10), 0, 10)).toEqual([0, 3, 4, 9])
  expect(await offsetsRead(leaseOf([0, 3, 4, 9], 10), 1, 9)).toEqual([3, 4])
  expect(await offsetsRead(leaseOf([0, 3], 10), 0, 10)).toEqual([0, 3])
})

test('a range that the log does not reach is an error that says so', async () => {
  await expect(offsetsRead(leaseOf([0, 1, 2], 3), 0, 10)).rejects.toThrow(/ends at 3, before 10/)
})

test('reading waits for a log that is away, and loses nothing', async () => {
  const away = new EngineError('ENGINE_UNAVAILABLE', 'away')
  expect(await offsetsRead(leaseOf([0, 1, 2], 3, [away, away]), 0, 3)).toEqual([0, 1, 2])
})
