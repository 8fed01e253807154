import { gzipSync, zstdCompressSync } from 'node:zlib'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { LogRecord, NewRecord } from '../port.ts'
import { BatchBuilder, recordBytesMax } from './batch-builder.ts'
import { HEADER_BYTES, type RecordBatch, splitBatches } from './record-batch.ts'

const NOW = Date.UTC(2026, 0, 1)

const records: fc.Arbitrary<NewRecord[]> = fc.array(
  fc.record({
    topic: fc.constant('t'),
    key: fc.option(fc.string({ unit: 'grapheme' })),
    value: fc.option(fc.uint8Array({ maxLength: 300 })),
    headers: fc.dictionary(fc.string({ unit: 'grapheme', minLength: 1 }), fc.string()),
  }),
  { minLength: 1, maxLength: 200 },
)

function built(all: readonly NewRecord[]): Buffer {
  const builder = new BatchBuilder()
  for (const record of all) builder.add(record)
  return builder.take(NOW)
}

function readAll(batches: readonly RecordBatch[]): LogRecord[] {
  return batches.flatMap((batch) => {
    const read: LogRecord[] = []
    while (!batch.done) read.push(batch.next())
    return read
  })
}

function plain({ key, value, headers = {} }: LogRecord | NewRecord) {
  return { key, value: value === null ? null : [...value], headers: { ...headers } }
}

/** The batch as another client might have compressed it. */
function compressed(batch: Buffer, codec: number, compress: (bytes: Buffer) => Buffer): Buffer {
  const head = Buffer.from(batch.subarray(0, HEADER_BYTES))
  const body = codec < 2 || codec === 4 ? compress(batch.subarray(HEADER_BYTES)) : Buffer.alloc(3)
  head.writeInt32BE(HEADER_BYTES - 12 + body.length, 8)
  head.writeInt16BE(codec, 21)
  return Buffer.concat([head, body])
}

test('records come out of a batch as they went in, numbered from its first offset', () => {
  fc.assert(
    fc.property(records, fc.nat(2 ** 40), (all, firstOffset) => {
      const batch = built(all)
      batch.writeBigInt64BE(BigInt(firstOffset), 0)
      const read = readAll(splitBatches(batch))
      expect(read.map(plain)).toEqual(all.map(plain))
      expect(read.map(({ offset }) => offset)).toEqual(all.map((_, i) => firstOffset + i))
      expect(read.every(({ timestamp }) => timestamp === NOW)).toBe(true)
    }),
  )
})

test('a record takes no more bytes than was said', () => {
  fc.assert(
    fc.property(records, (all) => {
      const most = all.reduce((sum, record) => sum + recordBytesMax(record), HEADER_BYTES)
      expect(built(all).length).toBeLessThanOrEqual(most)
    }),
  )
})

test('batches follow each other, and one that is cut off is left out', () => {
  const batch = built([{ topic: 't', key: 'k', value: Buffer.from('v') }])
  const three = Buffer.concat([batch, batch, batch])
  expect(splitBatches(three)).toHaveLength(3)
  for (const cut of [1, 40, batch.length - 1])
    expect(splitBatches(three.subarray(0, three.length - cut))).toHaveLength(2)
  expect(splitBatches(Buffer.alloc(0))).toEqual([])
})

test.each([
  [1, gzipSync],
  [4, zstdCompressSync],
])('a batch compressed by codec %i is read', (codec, compress) => {
  const all = [{ topic: 't', key: 'k', value: Buffer.alloc(1_000, 'value') }]
  const read = readAll(splitBatches(compressed(built(all), codec, compress)))
  expect(read.map(plain)).toEqual(all.map(plain))
})

test.each([
  [2, 'snappy'],
  [3, 'lz4'],
])('a batch compressed by codec %i is refused with what to do', (codec, name) => {
  const batches = splitBatches(
    compressed(built([{ topic: 't', key: 'k', value: null }]), codec, (bytes) => bytes),
  )
  const reading = () => readAll(batches)
  expect(reading).toThrow(expect.objectContaining({ code: 'ENGINE_REFUSED', retriable: false }))
  expect(reading).toThrow(`${name}, which Freshet does not read; set compression.type=zstd`)
})
