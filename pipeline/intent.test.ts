import { expect, test } from 'vitest'
import { readNote, writeNote } from './intent.ts'

test('a note comes back as written, also before any event was seen', () => {
  const low = { offset: 3, watermark: Number.NEGATIVE_INFINITY }
  expect(readNote(writeNote({ low }), 9)).toEqual({ low })
  const note = {
    inDoubt: { end: 20, rows: 11, version: '1' },
    low: { offset: 3, watermark: 1_700_000_000_000 },
  }
  expect(readNote(writeNote(note), 9)).toEqual(note)
})

test('no note means a start from nothing at the committed offset', () => {
  expect(readNote('', 7)).toEqual({ low: { offset: 7, watermark: Number.NEGATIVE_INFINITY } })
})

test('a note that is not ours is refused', () => {
  expect(() => readNote('{"end":4}', 0)).toThrow('low')
})

test('a note fits the 4,096 bytes that a commit may carry', () => {
  const low = { offset: Number.MAX_SAFE_INTEGER, watermark: Number.MAX_SAFE_INTEGER }
  const inDoubt = { end: Number.MAX_SAFE_INTEGER, rows: 50_000, version: 'v'.repeat(100) }
  expect(writeNote({ inDoubt, low }).length).toBeLessThan(512)
})
