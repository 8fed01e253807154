import { expect, test } from 'vitest'
import { balance, type PartitionCounts } from './balance.ts'

const counts = (changes: Partial<PartitionCounts>): PartitionCounts => ({
  topic: 'commerce.orders',
  partition: 0,
  first: 0,
  committed: 10,
  end: 12,
  stored: 9,
  dead_lettered: 1,
  ...changes,
})

test('what is stored, dead-lettered and pending adds up to what was appended', () => {
  expect(balance([counts({}), counts({ partition: 1 })])).toEqual({
    balanced: true,
    appended: 24,
    stored: 18,
    dead_lettered: 2,
    pending: 4,
    partitions: [0, 1].map((partition) => ({
      topic: 'commerce.orders',
      partition,
      appended: 12,
      stored: 9,
      dead_lettered: 1,
      pending: 2,
    })),
  })
})

test('a partition whose beginning is gone counts from its oldest record', () => {
  const [partition] = balance([counts({ first: 4, stored: 5 })]).partitions
  expect(partition).toMatchObject({ appended: 8, stored: 5 })
  expect(balance([counts({ first: 4, stored: 5 })]).balanced).toBe(true)
})

test('a lost and a doubled record do not cancel out', () => {
  const lost = counts({ stored: 8 })
  const doubled = counts({ partition: 1, stored: 10 })
  expect(balance([lost]).balanced).toBe(false)
  expect(balance([doubled]).balanced).toBe(false)
  expect(balance([lost, doubled]).balanced).toBe(false)
})
