import type { Clock } from '#engines/clock/port.ts'
import { EngineError } from '#engines/errors.ts'
import type { TopicSpec } from '../port.ts'
import type { Cluster } from './cluster.ts'
import { CODE, protocolFailure } from './kafka-errors.ts'
import { patiently } from './patiently.ts'

const REPLICATION = 3
const CREATE_MS = 15_000
/** How long a batch that is in doubt must stay as it was written, so that reading it again gives the same rows. */
const COMPACTION_LAG_MS = 24 * 3_600_000

export interface TopicsOptions {
  readonly cluster: Cluster
  readonly clock: Clock
  /** Undefined: three copies, or as many as there are brokers. */
  readonly replication: number | undefined
}

/** Creates the topics that are not there. @throws EngineError ENGINE_REFUSED for another partition count */
export async function createTopics(
  specs: readonly TopicSpec[],
  { cluster, clock, replication }: TopicsOptions,
): Promise<void> {
  await cluster.refresh(specs.map(({ name }) => name))
  const missing: TopicSpec[] = []
  for (const spec of specs) if (!(await isThere(spec, cluster))) missing.push(spec)
  if (missing.length === 0) return
  await create(missing, cluster, replication ?? Math.min(REPLICATION, cluster.brokerCount))
  // A broker that was not asked learns of a topic a little later, and its leaders later still.
  await patiently(clock, async () => {
    await cluster.refresh(missing.map(({ name }) => name))
    for (const spec of missing) {
      if ((await isThere(spec, cluster)) && isLed(spec, cluster)) continue
      throw new EngineError('ENGINE_UNAVAILABLE', `topic ${spec.name} has no leaders yet`)
    }
  })
}

async function create(
  specs: readonly TopicSpec[],
  cluster: Cluster,
  replication: number,
): Promise<void> {
  const topics = specs.map((spec) => ({
    topic: spec.name,
    numPartitions: spec.partitions,
    replicationFactor: replication,
    configEntries: Object.entries(settingsOf(spec, replication)).map(([name, value]) => ({
      name,
      value,
    })),
  }))
  const doing = 'cannot create topics'
  // Any broker passes it on to the controller.
  const { topicErrors } = await cluster.ask('CreateTopics', { topics, timeout: CREATE_MS }, doing)
  for (const { topic, errorCode, errorMessage } of topicErrors) {
    if (errorCode === CODE.NONE || errorCode === CODE.TOPIC_ALREADY_EXISTS) continue
    const why = errorMessage === null ? '' : ` (${errorMessage})`
    throw protocolFailure(errorCode, `cannot create topic ${topic}${why}`)
  }
}

function settingsOf(spec: TopicSpec, replication: number): Record<string, string> {
  return {
    // The time of a record is when the log took it, whatever the clock of its sender says.
    'message.timestamp.type': 'LogAppendTime',
    'cleanup.policy': spec.compacted ? 'compact' : 'delete',
    'retention.ms': String(spec.retentionMs ?? -1),
    ...(spec.compacted && { 'min.compaction.lag.ms': String(COMPACTION_LAG_MS) }),
    // With three copies one broker may be down, and an acknowledged record is still on two.
    ...(replication >= REPLICATION && { 'min.insync.replicas': '2' }),
  }
}

async function isThere(spec: TopicSpec, cluster: Cluster): Promise<boolean> {
  const partitions = await cluster.partitions(spec.name).catch((error: unknown) => {
    if (error instanceof EngineError && error.code === 'UNKNOWN_TOPIC') return undefined
    throw error
  })
  if (partitions === undefined || partitions === spec.partitions) return partitions !== undefined
  throw new EngineError(
    'ENGINE_REFUSED',
    `topic ${spec.name} has ${partitions} partitions, not ${spec.partitions}; keep that number, or use a new topic`,
  )
}

function isLed({ name, partitions }: TopicSpec, cluster: Cluster): boolean {
  return Array.from({ length: partitions }, (_, partition) =>
    cluster.leader(name, partition),
  ).every((leader) => leader !== undefined)
}
