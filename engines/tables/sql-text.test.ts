import { expect, test } from 'vitest'
import { bareSql, statementsOf } from './sql-text.ts'

test.each([
  ["a 'b' c", 'a     c'],
  ["a 'it''s' c", 'a         c'],
  ["a 'it\\'s' c", 'a         c'],
  ["a '\\\\' c", 'a      c'],
  ['a "b -- x" c', 'a          c'],
  ['a `b\\`;` c', 'a        c'],
  ["a -- 'b\nc", 'a      \nc'],
  ['a #! b\nc', 'a     \nc'],
  ["a /* ; \n' */ c", 'a      \n     c'],
  ['a /* open', 'a        '],
  ["a $x$ ' $y$ $x$ c", 'a               c'],
  ["a 'open", "a 'open"],
  ['a - b / c', 'a - b / c'],
])('what is quoted in %j is blank', (sql, bare) => {
  expect(bareSql(sql)).toBe(bare)
})

test('statements end with a semicolon at the end of a line', () => {
  expect(
    statementsOf("SELECT 1;\n-- a; comment;\nSELECT ';\n', 2; -- the end\n;\r\n\n;\nSELECT 3"),
  ).toEqual(['SELECT 1', "-- a; comment;\nSELECT ';\n', 2", 'SELECT 3'])
})

test('a script of comments has no statements', () => {
  expect(statementsOf('-- nothing;\n/* at all */\n')).toEqual([])
})
