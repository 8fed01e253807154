import fc from 'fast-check'
import { expect, test } from 'vitest'
import { assign } from './assign.ts'

const MEMBERS = ['ann', 'bob', 'cem', 'dee', 'eve']
const TOPICS = ['orders', 'activity']

const claims = fc
  .array(
    fc.record({
      topic: fc.constantFrom(...TOPICS),
      owner: fc.option(fc.constantFrom(...MEMBERS), { nil: undefined }),
      candidates: fc.subarray(MEMBERS),
    }),
    { maxLength: 24 },
  )
  .map((all) => all.map((claim, partition) => ({ partition, ...claim })))

/** How many partitions each member owns, of one topic or of all. */
function loads(
  all: readonly { readonly partition: number; readonly topic: string }[],
  owners: ReadonlyMap<number, string>,
): Map<string, number> {
  const counts = new Map(MEMBERS.map((member) => [member, 0]))
  for (const { partition } of all) {
    const owner = owners.get(partition)
    if (owner !== undefined) counts.set(owner, (counts.get(owner) ?? 0) + 1)
  }
  return counts
}

test('a partition goes to one of its candidates, and to nobody only if it has none', () => {
  fc.assert(
    fc.property(claims, (all) => {
      const owners = assign(all)
      for (const { partition, candidates } of all) {
        const possible = candidates.length === 0 ? [undefined] : candidates
        expect(possible).toContain(owners.get(partition))
      }
    }),
  )
})

test('of one topic nobody owns two more than somebody who could have had one of them', () => {
  fc.assert(
    fc.property(claims, (all) => {
      const owners = assign(all)
      for (const topic of TOPICS) {
        const ofTopic = all.filter((claim) => claim.topic === topic)
        const counts = loads(ofTopic, owners)
        for (const { partition, candidates } of ofTopic) {
          const mine = counts.get(owners.get(partition) ?? '') ?? 0
          for (const other of candidates) expect(mine).toBeLessThan((counts.get(other) ?? 0) + 2)
        }
      }
    }),
  )
})

test('what cannot be shared evenly of several topics does not all go to the same member', () => {
  const all = TOPICS.flatMap((topic, t) =>
    [0, 1, 2].map((partition) => ({
      partition: 3 * t + partition,
      topic,
      owner: undefined,
      candidates: ['ann', 'bob'],
    })),
  )
  const counts = loads(all, assign(all))
  expect([counts.get('ann'), counts.get('bob')]).toEqual([3, 3])
})

test('assigning again what was assigned moves nothing', () => {
  fc.assert(
    fc.property(claims, (all) => {
      const owners = assign(all)
      const again = all.map((claim) => ({ ...claim, owner: owners.get(claim.partition) }))
      expect(assign(again)).toEqual(owners)
    }),
  )
})

test('a new member takes only its share', () => {
  const before = assign(
    Array.from({ length: 6 }, (_, partition) => ({
      partition,
      topic: 'orders',
      owner: undefined,
      candidates: ['ann', 'bob'],
    })),
  )
  const after = assign(
    Array.from({ length: 6 }, (_, partition) => ({
      partition,
      topic: 'orders',
      owner: before.get(partition),
      candidates: ['ann', 'bob', 'cem'],
    })),
  )
  const moved = [...after].filter(([partition, owner]) => before.get(partition) !== owner)
  expect(moved.map(([, owner]) => owner)).toEqual(['cem', 'cem'])
})
