import { expect, test } from 'vitest'
import { EngineError } from '#engines/errors.ts'
import { BatchBuilder } from './batch-builder.ts'
import { PartitionBuffer } from './partition-buffer.ts'
import { RecordBatch } from './record-batch.ts'

const PLENTY = { maxRecords: 1_000, maxBytes: 1_000_000, waitMs: 0 }
const BYTES_MAX = 10_000

function newBuffer(): PartitionBuffer {
  return new PartitionBuffer(
    { topic: 't', partition: 0 },
    { bytesMax: () => BYTES_MAX, onChange: () => undefined },
  )
}

/** A batch of `count` records from `offset` on. */
function batchAt(offset: number, count: number, valueBytes = 10): RecordBatch {
  const builder = new BatchBuilder()
  for (let i = 0; i < count; i++)
    builder.add({ topic: 't', key: null, value: Buffer.alloc(valueBytes) })
  const bytes = builder.take(0)
  bytes.writeBigInt64BE(BigInt(offset), 0)
  return new RecordBatch(bytes)
}

function accept(buffer: PartitionBuffer, batches: RecordBatch[], end: number): void {
  buffer.accept(batches, { turn: buffer.wanted?.turn ?? -1, end })
}

function offsetsTaken(buffer: PartitionBuffer, offset: number, maxRecords = 1_000): number[] {
  return buffer.take(offset, { ...PLENTY, maxRecords }).map((record) => record.offset)
}

test('nothing is wanted before somebody asks', () => {
  expect(newBuffer().wanted).toBeUndefined()
})

test('what follows is fetched ahead, and given out in pieces without asking the broker again', () => {
  const buffer = newBuffer()
  buffer.seek(5)
  expect(buffer.wanted).toMatchObject({ offset: 5, maxBytes: BYTES_MAX })
  accept(buffer, [batchAt(5, 3), batchAt(8, 3)], 20)
  expect(buffer.wanted?.offset).toBe(11)
  expect(offsetsTaken(buffer, 5, 4)).toEqual([5, 6, 7, 8])
  buffer.seek(9)
  expect(buffer.wanted?.offset).toBe(11)
  expect(offsetsTaken(buffer, 9)).toEqual([9, 10])
})

test('gaps are passed over: before the first record, between batches, and after the last', () => {
  const buffer = newBuffer()
  buffer.seek(0)
  const emptied = batchAt(20, 5)
  emptied.skip()
  accept(buffer, [batchAt(7, 1), batchAt(12, 1), emptied], 25)
  expect(offsetsTaken(buffer, 0)).toEqual([7, 12])
  expect(buffer.wanted?.offset).toBe(25)
  expect(buffer.isAtEnd).toBe(true)
})

test('records before the offset asked for are left out: brokers send whole batches', () => {
  const buffer = newBuffer()
  buffer.seek(3)
  accept(buffer, [batchAt(0, 5)], 5)
  expect(offsetsTaken(buffer, 3)).toEqual([3, 4])
})

test('asking for anything else begins anew there, and answers from before are dropped', () => {
  const buffer = newBuffer()
  buffer.seek(0)
  accept(buffer, [batchAt(0, 5)], 100)
  const { turn = -1 } = buffer.wanted ?? {}
  buffer.seek(50)
  expect(buffer.wanted?.offset).toBe(50)
  buffer.accept([batchAt(5, 5)], { turn, end: 100 })
  buffer.miss(turn)
  buffer.fail(turn, new EngineError('ENGINE_UNAVAILABLE', 'old'))
  expect(offsetsTaken(buffer, 50)).toEqual([])
  expect(buffer.lastError).toBeUndefined()
  expect(buffer.wanted?.offset).toBe(50)
})

test('nothing is wanted while it is full, and again when less than half of it is left', () => {
  const buffer = newBuffer()
  buffer.seek(0)
  accept(buffer, [batchAt(0, 4, 1_000), batchAt(4, 4, 1_000)], 100)
  expect(buffer.wanted).toBeUndefined()
  expect(offsetsTaken(buffer, 0, 4)).toHaveLength(4)
  expect(offsetsTaken(buffer, 4, 1)).toEqual([4])
  expect(buffer.wanted?.offset).toBe(8)
})

test('an offset that is not kept is told to who asks, and asked for again when asked again', () => {
  const buffer = newBuffer()
  buffer.seek(9)
  buffer.miss(buffer.wanted?.turn ?? -1)
  expect(buffer.wanted).toBeUndefined()
  expect(() => buffer.take(9, PLENTY)).toThrow(
    expect.objectContaining({ code: 'OFFSET_OUT_OF_RANGE' }),
  )
  buffer.seek(9)
  expect(buffer.wanted?.offset).toBe(9)
})

test('trouble is known until an answer comes, and then nothing is known of the end', () => {
  const buffer = newBuffer()
  buffer.seek(0)
  accept(buffer, [], 0)
  expect(buffer.isAtEnd).toBe(true)
  const trouble = new EngineError('ENGINE_UNAVAILABLE', 'away')
  buffer.fail(buffer.wanted?.turn ?? -1, trouble)
  expect(buffer.isAtEnd).toBe(false)
  expect(buffer.lastError).toBe(trouble)
  accept(buffer, [], 0)
  expect(buffer.lastError).toBeUndefined()
})
