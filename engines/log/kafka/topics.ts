import type { Clock } from '#engines/clock/port.ts'
import { EngineError, unavailable } from '#engines/errors.ts'
import { otherPartitions } from '../log-errors.ts'
import type { TopicSpec } from '../port.ts'
import type { Brokers } from './brokers.ts'
import { CODE, protocolFailure } from './kafka-errors.ts'
import { retryBriefly } from './retry-briefly.ts'

const REPLICATION = 3
const CREATE_MS = 15_000
/** A batch in doubt must not be compacted before it is read again, which has to give the same rows. */
const COMPACTION_LAG_MS = 24 * 3_600_000

export interface TopicsOptions {
  readonly brokers: Brokers
  readonly clock: Clock
  /** Undefined: three copies, or as many as there are brokers. */
  readonly replication: number | undefined
}

/** Creates the topics that do not exist. @throws EngineError ENGINE_REFUSED for another partition count */
export async function createTopics(
  specs: readonly TopicSpec[],
  { brokers, clock, replication }: TopicsOptions,
): Promise<void> {
  await brokers.refresh(specs.map(({ name }) => name))
  const missing: TopicSpec[] = []
  for (const spec of specs) if (!(await isThere(spec, brokers))) missing.push(spec)
  if (missing.length === 0) return
  await create(missing, brokers, replication ?? Math.min(REPLICATION, brokers.brokerCount))
  // The other brokers learn of a new topic, and of its leaders, a little later.
  await retryBriefly(clock, async () => {
    await brokers.refresh(missing.map(({ name }) => name))
    for (const spec of missing) {
      if ((await isThere(spec, brokers)) && isLed(spec, brokers)) continue
      throw unavailable(`topic ${spec.name} has no leaders yet`)
    }
  })
}

async function create(
  specs: readonly TopicSpec[],
  brokers: Brokers,
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
  // Any broker forwards it to the controller.
  const { topicErrors } = await brokers.ask('CreateTopics', { topics, timeout: CREATE_MS }, doing)
  for (const { topic, errorCode, errorMessage } of topicErrors) {
    if (errorCode === CODE.NONE || errorCode === CODE.TOPIC_ALREADY_EXISTS) continue
    const why = errorMessage === null ? '' : ` (${errorMessage})`
    throw protocolFailure(errorCode, `cannot create topic ${topic}${why}`)
  }
}

function settingsOf(spec: TopicSpec, replication: number): Record<string, string> {
  return {
    // The timestamp of a record is when the log took it, not the clock of its sender.
    'message.timestamp.type': 'LogAppendTime',
    'cleanup.policy': spec.compacted ? 'compact' : 'delete',
    'retention.ms': String(spec.retentionMs ?? -1),
    ...(spec.compacted && { 'min.compaction.lag.ms': String(COMPACTION_LAG_MS) }),
    // With three copies, an acknowledged record is on two brokers even while one is down.
    ...(replication >= REPLICATION && { 'min.insync.replicas': '2' }),
  }
}

async function isThere(spec: TopicSpec, brokers: Brokers): Promise<boolean> {
  const partitions = await brokers.partitions(spec.name).catch((error: unknown) => {
    if (error instanceof EngineError && error.code === 'UNKNOWN_TOPIC') return undefined
    throw error
  })
  if (partitions === undefined || partitions === spec.partitions) return partitions !== undefined
  throw otherPartitions(spec, partitions)
}

function isLed({ name, partitions }: TopicSpec, brokers: Brokers): boolean {
  return Array.from({ length: partitions }, (_, partition) =>
    brokers.leader(name, partition),
  ).every((leader) => leader !== undefined)
}
