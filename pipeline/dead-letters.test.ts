import { expect, test } from 'vitest'
import {
  DEAD_LETTERS_FOR_A_SHARE,
  DEAD_LETTERS_PER_MINUTE_MAX,
  DeadLetterFlood,
  DeadLetterRate,
} from './dead-letters.ts'

test('a few bad records among few do not stop a partition', () => {
  const rate = new DeadLetterRate()
  rate.observe(0, 5, 5)
  expect(() => rate.observe(0, 10, DEAD_LETTERS_FOR_A_SHARE - 6)).not.toThrow()
})

test('more than one in a hundred stops it', () => {
  const rate = new DeadLetterRate()
  expect(() => rate.observe(0, DEAD_LETTERS_FOR_A_SHARE * 99, DEAD_LETTERS_FOR_A_SHARE)).toThrow(
    DeadLetterFlood,
  )
})

test('so do more than a thousand in a minute, and each minute counts anew', () => {
  const rate = new DeadLetterRate()
  rate.observe(0, 1_000_000, DEAD_LETTERS_PER_MINUTE_MAX)
  expect(() => rate.observe(60_000, 1_000_000, DEAD_LETTERS_PER_MINUTE_MAX)).not.toThrow()
  expect(() => rate.observe(60_001, 1_000, 1)).toThrow('stops')
})
