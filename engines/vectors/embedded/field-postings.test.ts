import { expect, test } from 'vitest'
import { FieldPostings } from '#engines/vectors/embedded/field-postings.ts'

test('lists the slots of one value or of several, each slot once', () => {
  const postings = new FieldPostings('category')
  postings.add(1, { category: ['a', 'b'] })
  postings.add(2, { category: 'b' })
  postings.add(3, { category: null })
  postings.add(4, { brand: 'a' })
  expect([...postings.slotsOf(['b'])]).toEqual([1, 2])
  expect([...postings.slotsOf(['b', 'a'])]).toEqual([1, 2])
  expect([...postings.slotsOf([])]).toEqual([])
  expect([...postings.slotsOf(['unknown'])]).toEqual([])
})

test('forgets a removed slot, so that its next point is not listed under old values', () => {
  const postings = new FieldPostings('category')
  postings.add(1, { category: ['a', 'b'] })
  postings.remove(1, { category: ['a', 'b'] })
  postings.add(1, { category: ['c'] })
  expect([...postings.slotsOf(['a', 'b'])]).toEqual([])
  expect([...postings.slotsOf(['c'])]).toEqual([1])
})
