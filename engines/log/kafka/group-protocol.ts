import { AssignerProtocol } from 'kafkajs'
import { assign } from '../assign.ts'
import type { Partition } from '../port.ts'
import { byTopic, nameOf } from './offsets.ts'
import type { JoinGroupAnswer } from './protocol.ts'

/** Names our assignment strategy; members of one group must agree on it. */
export const GROUP_PROTOCOL = 'freshet-cooperative-sticky'
const VERSION = 0

/** What a member tells the others when it joins. */
export interface Subscription {
  readonly topics: readonly string[]
  /** Partitions that it still works on: no other member may start on them. */
  readonly held: readonly Partition[]
}

export function encodeSubscription({ topics, held }: Subscription): Buffer {
  const userData = Buffer.from(JSON.stringify(byTopic(held, ({ partition }) => partition)))
  return AssignerProtocol.MemberMetadata.encode({ version: VERSION, topics: [...topics], userData })
}

function decodeSubscription(metadata: Buffer): Subscription {
  const { topics = [], userData } = AssignerProtocol.MemberMetadata.decode(metadata) ?? {}
  const held = JSON.parse(userData?.toString() || '[]') as ReturnType<
    typeof byTopic<Partition, number>
  >
  return {
    topics,
    held: held.flatMap(({ topic, partitions }) =>
      partitions.map((partition) => ({ topic, partition })),
    ),
  }
}

/** What the leader tells a member. */
export interface Assignment {
  readonly partitions: readonly Partition[]
  /** Partitions are being handed over: the next generation follows as soon as the work on them has returned. */
  readonly isProvisional: boolean
}

export function encodeAssignment({ partitions, isProvisional }: Assignment): Buffer {
  const assignment = Object.fromEntries(
    byTopic(partitions, ({ partition }) => partition).map(({ topic, partitions: numbers }) => [
      topic,
      [...numbers],
    ]),
  )
  const userData = Buffer.from([Number(isProvisional)])
  return AssignerProtocol.MemberAssignment.encode({ version: VERSION, assignment, userData })
}

export function decodeAssignment(bytes: Buffer): Assignment {
  const { assignment = {}, userData } = AssignerProtocol.MemberAssignment.decode(bytes) ?? {}
  const partitions = Object.entries(assignment).flatMap(([topic, numbers]) =>
    numbers.map((partition) => ({ topic, partition })),
  )
  return { partitions, isProvisional: userData?.[0] === 1 }
}

/** The topics that any member subscribes to. */
export function topicsOf(members: JoinGroupAnswer['members']): string[] {
  const topics = members.flatMap(({ memberMetadata }) => decodeSubscription(memberMetadata).topics)
  return [...new Set(topics)].toSorted()
}

/**
 * An even assignment with as few moves as possible. A partition that is to move stays unassigned while its old owner
 * still works on it: the owner sees that it lost it, finishes, and rejoins without it (KIP-429, incremental cooperative
 * rebalancing).
 */
export function assignPartitions(
  members: JoinGroupAnswer['members'],
  partitions: readonly Partition[],
): Map<string, Assignment> {
  const subscriptions = members
    .map(({ memberId, memberMetadata }) => ({ memberId, ...decodeSubscription(memberMetadata) }))
    .toSorted((a, b) => (a.memberId < b.memberId ? -1 : 1))
  const holders = new Map(
    subscriptions.flatMap(({ memberId, held }) => held.map((at) => [nameOf(at), memberId])),
  )
  const owners = assign(
    partitions.map((at) => ({
      partition: at,
      topic: at.topic,
      owner: holders.get(nameOf(at)),
      candidates: subscriptions
        .filter(({ topics }) => topics.includes(at.topic))
        .map(({ memberId }) => memberId),
    })),
  )
  const settled = [...owners].filter(([at, owner]) => {
    const holder = holders.get(nameOf(at))
    return holder === undefined || holder === owner
  })
  const isProvisional = settled.length < owners.size
  return new Map(
    subscriptions.map(({ memberId }) => {
      const share = settled.filter(([, owner]) => owner === memberId).map(([at]) => at)
      return [memberId, { partitions: share, isProvisional }]
    }),
  )
}
