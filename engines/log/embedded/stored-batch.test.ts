import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { NewRecord } from '../port.ts'
import { recordBytesMax, StoredBatchBuilder, StoredBatchCursor } from './stored-batch.ts'

const text = fc.string({ unit: 'grapheme', maxLength: 40 })

const record: fc.Arbitrary<NewRecord> = fc.record({
  topic: fc.constant('t'),
  key: fc.option(text),
  value: fc.option(fc.uint8Array({ maxLength: 3_000 })),
  headers: fc.dictionary(text, text, { maxKeys: 4 }),
})

function batchOf(records: readonly NewRecord[]): Uint8Array {
  const builder = new StoredBatchBuilder()
  for (const one of records) builder.add(one)
  expect(builder.count).toBe(records.length)
  return builder.take()
}

test('records come out as they went in', () => {
  fc.assert(
    fc.property(fc.array(record, { maxLength: 50 }), fc.nat(), (records, firstOffset) => {
      const cursor = new StoredBatchCursor(batchOf(records), { firstOffset, timestamp: 7 })
      for (const [i, { key, value, headers }] of records.entries()) {
        expect(cursor.next()).toEqual({
          offset: firstOffset + i,
          key,
          value,
          headers: { ...headers },
          timestamp: 7,
        })
      }
      expect(cursor.done).toBe(true)
    }),
  )
})

test('skipping is reading without looking, and sizes add up to the batch', () => {
  fc.assert(
    fc.property(fc.array(record, { minLength: 1, maxLength: 50 }), (records) => {
      const bytes = batchOf(records)
      const cursor = new StoredBatchCursor(bytes, { firstOffset: 0, timestamp: 0 })
      let sum = 0
      const keys: unknown[] = []
      for (const i of records.keys()) {
        sum += cursor.size
        if (i % 2 === 0) cursor.skip()
        else keys.push([cursor.offset, cursor.next().key])
      }
      expect(sum).toBe(bytes.length)
      expect(keys).toEqual(records.map(({ key }, i) => [i, key]).filter((_, i) => i % 2 === 1))
    }),
  )
})

test('a record never takes more than it was charged for', () => {
  fc.assert(
    fc.property(record, (one) => {
      expect(batchOf([one]).length).toBeLessThanOrEqual(recordBytesMax(one))
    }),
  )
})

test('half a surrogate pair is stored as the replacement character', () => {
  const cursor = new StoredBatchCursor(batchOf([{ topic: 't', key: 'a\ud800', value: null }]), {
    firstOffset: 0,
    timestamp: 0,
  })
  expect(cursor.next().key).toBe('a\ufffd')
})
