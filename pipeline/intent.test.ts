import { randomUUID } from 'node:crypto'
import { expect, test } from 'vitest'
import { readNote, writeNote } from './intent.ts'

const unasked = () => {
  throw new Error('the note says which lineage it is')
}

test('a note comes back as written, also before any event was seen', () => {
  const low = { offset: 3, watermark: Number.NEGATIVE_INFINITY, lineage: 'l' }
  expect(readNote(writeNote({ low }), 9, unasked)).toEqual({ low })
  const note = {
    inDoubt: { end: 20, rows: 11, version: '1' },
    low: { offset: 3, watermark: 1_700_000_000_000, lineage: 'l' },
  }
  expect(readNote(writeNote(note), 9, unasked)).toEqual(note)
})

test('no note means a start from nothing at the committed offset, in a lineage of its own', () => {
  const low = { offset: 7, watermark: Number.NEGATIVE_INFINITY, lineage: 'new' }
  expect(readNote('', 7, () => 'new')).toEqual({ low })
})

test('a note of before there were lineages is read', () => {
  expect(readNote('{"low":[3,5]}', 9, unasked)).toEqual({
    low: { offset: 3, watermark: 5, lineage: '' },
  })
})

test('a note that is not ours is refused', () => {
  expect(() => readNote('{"end":4}', 0, unasked)).toThrow('low')
})

test('a note fits the 4,096 bytes that a commit may carry', () => {
  const low = {
    offset: Number.MAX_SAFE_INTEGER,
    watermark: Number.MAX_SAFE_INTEGER,
    lineage: randomUUID(),
  }
  const inDoubt = { end: Number.MAX_SAFE_INTEGER, rows: 50_000, version: 'v'.repeat(100) }
  expect(writeNote({ inDoubt, low }).length).toBeLessThan(512)
})
