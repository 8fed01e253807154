import { expect, test } from 'vitest'
import { engineErrorOf } from './engine-words.ts'

test('the words of the engine stay, its noise goes', () => {
  const raw =
    'Query failed: Code: 33. DB::Exception: Code: 33. DB::Exception: Cannot read all data: (at row 3)\n: While executing X. (CANNOT_READ_ALL_DATA) (version 26.7.2.1). (CANNOT_READ_ALL_DATA)'
  expect(engineErrorOf(new Error(raw)).message).toBe(
    'Cannot read all data: (at row 3)\n: While executing X. (CANNOT_READ_ALL_DATA) [33]',
  )
})

test.each([
  [62, 'Syntax error', 'ENGINE_REFUSED', false],
  [159, 'Timeout exceeded', 'ENGINE_TIMEOUT', true],
  [241, 'Query memory limit exceeded', 'ENGINE_REFUSED', false],
  [241, '(total) memory limit exceeded', 'ENGINE_OVERLOADED', true],
  [243, 'Cannot reserve space', 'ENGINE_UNAVAILABLE', true],
  [252, 'Too many parts', 'ENGINE_OVERLOADED', true],
  [40, 'Checksum does not match', 'ENGINE_CORRUPT', false],
])('exception %i (%s) is %s', (number, words, code, retriable) => {
  const error = engineErrorOf(new Error(`Code: ${number}. DB::Exception: ${words}.`))
  expect(error).toMatchObject({ code, retriable, message: `${words}. [${number}]` })
})

test('what is not an exception of the engine is refused as it is', () => {
  expect(engineErrorOf('odd')).toMatchObject({ code: 'ENGINE_REFUSED', message: 'odd' })
})
