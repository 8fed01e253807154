import { expect, test } from 'vitest'
import type { Partition } from '../port.ts'
import {
  type Assignment,
  assignPartitions,
  decodeAssignment,
  encodeAssignment,
  encodeSubscription,
  topicsOf,
} from './group-protocol.ts'
import { nameOf } from './offsets.ts'

function partitions(topic: string, count: number): Partition[] {
  return Array.from({ length: count }, (_, partition) => ({ topic, partition }))
}

const ORDERS = partitions('orders', 4)
const ACTIVITY = partitions('activity', 4)

/** Members as the leader is told of them. */
function members(held: Record<string, readonly Partition[]>, topics = ['orders', 'activity']) {
  return Object.entries(held).map(([memberId, partitionsHeld]) => ({
    memberId,
    memberMetadata: encodeSubscription({ topics, held: partitionsHeld }),
  }))
}

function names(shares: ReadonlyMap<string, Assignment>, member: string): string[] {
  return (shares.get(member)?.partitions ?? []).map(nameOf)
}

test('an assignment is read as it was written', () => {
  const none = { partitions: [], isProvisional: false }
  const some = { partitions: [...ORDERS, { topic: 'activity', partition: 3 }], isProvisional: true }
  for (const assignment of [none, some])
    expect(decodeAssignment(encodeAssignment(assignment))).toEqual(assignment)
  expect(decodeAssignment(Buffer.alloc(0))).toEqual(none)
})

test('members that hold nothing share every topic evenly', () => {
  const shares = assignPartitions(members({ a: [], b: [] }), [...ORDERS, ...ACTIVITY])
  for (const member of ['a', 'b']) {
    const mine = shares.get(member)?.partitions ?? []
    expect(mine.filter(({ topic }) => topic === 'orders')).toHaveLength(2)
    expect(mine.filter(({ topic }) => topic === 'activity')).toHaveLength(2)
  }
})

test('a partition that is to move goes to nobody while it is held, then to who has too little', () => {
  const first = assignPartitions(members({ a: ORDERS, b: [] }), ORDERS)
  expect(names(first, 'a')).toHaveLength(2)
  expect(names(first, 'b')).toEqual([])
  expect(first.get('b')?.isProvisional).toBe(true)
  const kept = first.get('a')?.partitions ?? []
  const second = assignPartitions(members({ a: kept, b: [] }), ORDERS)
  expect(second.get('a')).toEqual({ partitions: kept, isProvisional: false })
  expect(new Set([...names(second, 'a'), ...names(second, 'b')])).toEqual(
    new Set(ORDERS.map(nameOf)),
  )
})

test('nothing moves when nobody has too much', () => {
  const held = { a: ORDERS.slice(0, 2), b: ORDERS.slice(2) }
  const shares = assignPartitions(members(held), ORDERS)
  expect(shares.get('a')).toEqual({ partitions: held.a, isProvisional: false })
  expect(shares.get('b')).toEqual({ partitions: held.b, isProvisional: false })
})

test('a member gets nothing of a topic that it does not read', () => {
  const both = [...members({ a: [] }, ['orders']), ...members({ b: [] }, ['activity', 'orders'])]
  expect(topicsOf(both)).toEqual(['activity', 'orders'])
  const shares = assignPartitions(both, [...ORDERS, ...ACTIVITY])
  expect(names(shares, 'a')).toEqual(names(shares, 'a').filter((name) => name.startsWith('orders')))
  expect(names(shares, 'b')).toEqual(expect.arrayContaining(ACTIVITY.map(nameOf)))
})
