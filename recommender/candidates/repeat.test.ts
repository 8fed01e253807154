import { expect, test } from 'vitest'
import { proposed, scoresOf } from './history.fixture.ts'
import { repeat } from './repeat.ts'

test('what somebody bought is proposed by how many times, and is its own evidence', async () => {
  const bought = [
    { item: 4, times: 1 },
    { item: 2, times: 3 },
  ]
  const candidates = await proposed(repeat, [], { bought })
  expect(scoresOf(candidates)).toEqual(
    new Map([
      [4, 1],
      [2, 3],
    ]),
  )
  expect(candidates.evidence(2)).toEqual([2])
})

test('somebody who bought nothing is proposed nothing', async () => {
  expect((await proposed(repeat, [], { items: [1], ages: [0] })).items).toHaveLength(0)
})
