import { EngineError } from '#engines/errors.ts'
import type { Commit, Partition, PartitionBounds } from '../port.ts'
import type { Cluster } from './cluster.ts'
import { checkCode } from './kafka-errors.ts'
import type { NodeAddress, OfTopic } from './protocol.ts'

const EARLIEST = -2
const LATEST = -1
/** What the protocol says where a group has committed nothing. */
const NO_OFFSET = -1

/** All partitions of the topics, in order. @throws EngineError UNKNOWN_TOPIC */
export async function partitionsOf(
  cluster: Cluster,
  topics: readonly string[],
): Promise<Partition[]> {
  const counts = await Promise.all(topics.map((topic) => cluster.partitions(topic)))
  return topics.flatMap((topic, i) =>
    Array.from({ length: counts[i] ?? 0 }, (_, partition) => ({ topic, partition })),
  )
}

/** The bounds of the partitions, in their order. @throws EngineError */
export async function boundsOf(
  cluster: Cluster,
  partitions: readonly Partition[],
): Promise<PartitionBounds[]> {
  const [first, end] = await Promise.all([
    listOffsets(cluster, partitions, EARLIEST),
    listOffsets(cluster, partitions, LATEST),
  ])
  return partitions.map(({ topic, partition }) => ({
    topic,
    partition,
    first: first.get(nameOf({ topic, partition })) ?? 0,
    end: end.get(nameOf({ topic, partition })) ?? 0,
  }))
}

/** The commits of a group on the partitions; those without are left out. `coordinator` is asked by `ask`. */
export async function commitsOf(
  groupId: string,
  partitions: readonly Partition[],
  cluster: Cluster,
): Promise<Commit[]> {
  const doing = `cannot read the commits of group ${groupId}`
  const coordinator = await cluster.coordinator(groupId)
  const topics = byTopic(partitions, ({ partition }) => ({ partition }))
  const answer = await cluster.send(coordinator, 'OffsetFetch', { groupId, topics }, doing)
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
  cluster: Cluster,
  partitions: readonly Partition[],
  timestamp: number,
): Promise<Map<string, number>> {
  const doing = 'cannot list offsets'
  const offsets = new Map<string, number>()
  const asked = [...byLeader(cluster, partitions)].map(async ([leader, led]) => {
    const topics = byTopic(led, ({ partition }) => ({ partition, timestamp }))
    const { responses } = await cluster.send(leader, 'ListOffsets', { topics }, doing)
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
    // Whoever tries again should ask the leader of then.
    await cluster.refresh().catch(() => undefined)
    throw error
  }
  return offsets
}

function byLeader(
  cluster: Cluster,
  partitions: readonly Partition[],
): Map<NodeAddress, Partition[]> {
  return Map.groupBy(partitions, ({ topic, partition }) => {
    const leader = cluster.leader(topic, partition)
    if (leader !== undefined) return leader
    throw new EngineError('ENGINE_UNAVAILABLE', `${topic}/${partition} has no leader just now`)
  })
}

/** As the protocol lists partitions. */
export function byTopic<P extends Partition, T>(
  partitions: readonly P[],
  said: (partition: P) => T,
): OfTopic<T>[] {
  return [...Map.groupBy(partitions, ({ topic }) => topic)].map(([topic, all]) => ({
    topic,
    partitions: all.map(said),
  }))
}

/** For maps and messages. */
export function nameOf({ topic, partition }: Partition): string {
  return `${topic}/${partition}`
}
