import { expect, test } from 'vitest'
import { splitInsert } from './split-insert.ts'

function split(text: string | Buffer): readonly string[] | undefined {
  const insert = splitInsert(Buffer.from(text))
  return (
    insert && [insert.fromFile("'f'").replace(/\s+/g, ' ').trim(), insert.data.toString('latin1')]
  )
}

test.each([
  ['INSERT INTO t FORMAT TSV\n1\n2\n', "INSERT INTO t FROM INFILE 'f' FORMAT TSV", '1\n2\n'],
  [
    'insert into d.t (a, `b c`) format JSONEachRow {"a":1}',
    "insert into d.t (a, `b c`) FROM INFILE 'f' FORMAT JSONEachRow",
    '{"a":1}',
  ],
  [
    'INSERT INTO t SETTINGS async_insert = 0 FORMAT CSV\r\n1',
    "INSERT INTO t FROM INFILE 'f' SETTINGS async_insert = 0 FORMAT CSV",
    '1',
  ],
  [
    '-- FORMAT no\nINSERT INTO `FORMAT x` FORMAT RowBinary\n\n\0',
    "-- FORMAT no INSERT INTO `FORMAT x` FROM INFILE 'f' FORMAT RowBinary",
    '\n\0',
  ],
  ['INSERT INTO t FORMAT RowBinary', "INSERT INTO t FROM INFILE 'f' FORMAT RowBinary", ''],
])('%j is an insert of the rows behind its format', (text, statement, data) => {
  expect(split(text)).toEqual([statement, data])
})

test('multi-byte characters in the statement do not shift the rows', () => {
  const [statement, data] =
    split(Buffer.from('INSERT INTO `日本` FORMAT RowBinary\n\xff', 'utf8')) ?? []
  expect(statement).toContain('`日本`')
  expect(data).toBe(Buffer.from('\xff', 'utf8').toString('latin1'))
})

test.each([
  'INSERT INTO t VALUES (1)',
  "INSERT INTO t SELECT 'x' FORMAT Null",
  'INSERT INTO t WITH 1 AS a SELECT a FORMAT Null',
  'SELECT 1 FORMAT TSV',
  'CREATE TABLE t (n UInt8) ENGINE = Memory',
  '',
])('%j has no rows behind it', (text) => {
  expect(split(text)).toBeUndefined()
})
