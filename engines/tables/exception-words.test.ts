import { expect, test } from 'vitest'
import { errorOfException } from './exception-words.ts'

test('the engine’s message stays, its noise goes', () => {
  const raw =
    'Code: 33. DB::Exception: Code: 33. DB::Exception: Cannot read all data: (at row 3)\n: While executing X. (CANNOT_READ_ALL_DATA) (version 26.7.2.1). (CANNOT_READ_ALL_DATA)'
  expect(errorOfException(raw, undefined).message).toBe(
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
  const error = errorOfException(`Code: ${number}. DB::Exception: ${words}.`, undefined)
  expect(error).toMatchObject({ code, retriable, message: `${words}. [${number}]` })
})

test('what is not an exception of the engine is refused as it is', () => {
  expect(errorOfException('odd', undefined)).toMatchObject({
    code: 'ENGINE_REFUSED',
    message: 'odd',
  })
})
