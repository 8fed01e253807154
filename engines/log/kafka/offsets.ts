import { unavailable } from '#engines/errors.ts'
import type { Commit, Partition, PartitionBounds } from '../port.ts'
import type { Brokers } from './brokers.ts'
import { checkCode } from './kafka-errors.ts'
import type { NodeAddress, OfTopic } from './protocol.ts'

const EARLIEST = -2
const LATEST = -1
/** In the protocol: the group has committed nothing. */
const NO_OFFSET = -1

/** All partitions of the topics, in order. @throws EngineError UNKNOWN_TOPIC */
export async function partitionsOf(
  brokers: Brokers,
  topics: readonly string[],
): Promise<Partition[]> {
  const counts = await Promise.all(topics.map((topic) => brokers.partitions(topic)))
  return topics.flatMap((topic, i) =>
    Array.from({ length: counts[i] ?? 0 }, (_, partition) => ({ topic, partition })),
  )
}

/** The bounds of the partitions, in their order. @throws EngineError */
export async function boundsOf(
  brokers: Brokers,
  partitions: readonly Partition[],
): Promise<PartitionBounds[]> {
  const [first, end] = await Promise.all([
    listOffsets(brokers, partitions, EARLIEST),
    listOffsets(brokers, partitions, LATEST),
  ])
  return partitions.map(({ topic, partition }) => ({
    topic,
    partition,
    first: first.get(nameOf({ topic, partition })) ?? 0,
    end: end.get(nameOf({ topic, partition })) ?? 0,
  }))
}

/** The commits of a group on the partitions; those without are left out. */
export async function commitsOf(
  groupId: string,
  partitions: readonly Partition[],
  brokers: Brokers,
): Promise<Commit[]> {
  const doing = `cannot read the commits of group ${groupId}`
  const coordinator = await brokers.coordinator(groupId)
  const topics = byTopic(partitions, ({ partition }) => ({ partition }))
  const answer = await brokers.send(coordinator, 'OffsetFetch', { groupId, topics }, doing)
  checkCode(answer.errorCode, doing)
  const commits = new Map<string, Commit>()
  for (const { topic, partitions: stored } of answer.responses) {
    for (const { partition, offset, metadata, errorCode } of stored) {
      checkCode(errorCode, `${doing} on ${topic}/${partition}`)
      if (Number(offset) === NO_OFFSET) continue
      const at = { topic, partition }
      commits.set(nameOf(at), { ...at, offset: Number(offset), metadata: metadata ?? '' })
    }
  }
  return partitions.flatMap((at) => commits.get(nameOf(at)) ?? [])
}

async function listOffsets(
  brokers: Brokers,
  partitions: readonly Partition[],
  timestamp: number,
): Promise<Map<string, number>> {
  const doing = 'cannot list offsets'
  const offsets = new Map<string, number>()
  const asked = [...byLeader(brokers, partitions)].map(async ([leader, led]) => {
    const topics = byTopic(led, ({ partition }) => ({ partition, timestamp }))
    const { responses } = await brokers.send(leader, 'ListOffsets', { topics }, doing)
    for (const { topic, partitions: listed } of responses) {
      for (const { partition, errorCode, offset } of listed) {
        checkCode(errorCode, `${doing} of ${topic}/${partition}`)
        offsets.set(nameOf({ topic, partition }), Number(offset))
      }
    }
  })
  try {
    await Promise.all(asked)
  } catch (error) {
    // A retry should ask the new leader.
    await brokers.refresh().catch(() => undefined)
    throw error
  }
  return offsets
}

function byLeader(
  brokers: Brokers,
  partitions: readonly Partition[],
): Map<NodeAddress, Partition[]> {
  return Map.groupBy(partitions, ({ topic, partition }) => {
    const leader = brokers.leader(topic, partition)
    if (leader !== undefined) return leader
    throw unavailable(`${topic}/${partition} has no leader at the moment`)
  })
}

/** Partitions in the protocol's format. */
export function byTopic<P extends Partition, T>(
  partitions: readonly P[],
  toEntry: (partition: P) => T,
): OfTopic<T>[] {
  return [...Map.groupBy(partitions, ({ topic }) => topic)].map(([topic, all]) => ({
    topic,
    partitions: all.map(toEntry),
  }))
}

/** For maps and messages. */
export function nameOf({ topic, partition }: Partition): string {
  return `${topic}/${partition}`
}
