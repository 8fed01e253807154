import { loadConfig } from '#app/config.ts'
import { assign } from '#engines/log/assign.ts'
import { BATCH_LIMITS } from '#pipeline/open-batch.ts'
import { TOPOLOGIES } from '#processors/topologies.ts'
import { TOPIC_NAMES, TOPICS, type TopicName } from '#schemas/topics.ts'
import { type Manifest, ofKind } from './manifest.ts'

/** What a ScaledObject says of the lag of consumer groups. */
export interface LagScalerSpec {
  readonly minReplicaCount?: number
  readonly maxReplicaCount?: number
  readonly pollingInterval?: number
  readonly triggers: readonly Trigger[]
}

interface Trigger {
  readonly type: string
  readonly useCachedMetrics?: boolean
  readonly metadata: Readonly<Record<string, string>>
}

interface LogSettings {
  /** Of commerce.activity. */
  readonly partitions: number
  /** Between two commits of a partition. */
  readonly intervalSeconds: number
}

/** What is wrong with scaling by lag, one sentence each. */
export function lagViolations(
  {
    minReplicaCount: min = 0,
    maxReplicaCount: max = 100,
    pollingInterval = 30,
    triggers,
  }: LagScalerSpec,
  manifests: readonly Manifest[],
): readonly string[] {
  const log = logSettings(manifests)
  const idle = idleOf(max, log)
  return [
    ...(idle > 0 ? [`${idle} of ${max} processes would have no partition`] : []),
    ...(pollingInterval <= log.intervalSeconds
      ? ['measures more often than partitions commit']
      : []),
    ...triggers.flatMap((trigger) => [
      ...triggerViolations(trigger),
      ...steadyViolations(trigger, min, log),
    ]),
  ]
}

function logSettings(manifests: readonly Manifest[]): LogSettings {
  const settings = Object.assign({}, ...ofKind(manifests, 'ConfigMap').map(({ data }) => data))
  const config = loadConfig({ data: '/data' }, { ...settings, LOG_URL: 'kafka://kafka:9092' })
  return {
    partitions: config.topics.activityPartitions,
    intervalSeconds: config.storeIntervalMs / 1_000,
  }
}

/** How many of so many processes get no partition when the log shares out those of all topics. */
function idleOf(processes: number, log: LogSettings): number {
  const candidates = Array.from({ length: processes }, (_, process) => process)
  const claims = TOPIC_NAMES.flatMap((topic) =>
    Array.from({ length: partitionsOf(topic, log) }, (_, index) => {
      return { partition: `${topic}-${index}`, topic, owner: undefined, candidates }
    }),
  )
  return processes - new Set(assign(claims).values()).size
}

function partitionsOf(topic: TopicName, log: LogSettings): number {
  const share = TOPICS[topic].partitions / TOPICS['commerce.activity'].partitions
  return Math.max(1, Math.round(log.partitions * share))
}

/** A partition is behind by the batch that it has not committed yet. The catalogue's group commits every second. */
function steadyViolations({ metadata }: Trigger, min: number, log: LogSettings): string[] {
  const { consumerGroup, topic, lagThreshold } = metadata
  const group = TOPOLOGIES.find((one) => one.group === consumerGroup)
  const name = TOPIC_NAMES.find((one) => one === topic)
  if (group?.record === undefined || name === undefined) return []
  const steadyLag = partitionsOf(name, log) * BATCH_LIMITS.maxRecords
  return Number(lagThreshold) * min < steadyLag
    ? [`${name} starts processes for a steady lag of ${steadyLag}`]
    : []
}

function triggerViolations({ type, metadata, useCachedMetrics }: Trigger): string[] {
  if (type !== 'kafka') return []
  const { consumerGroup = '', topic = '' } = metadata
  const group = TOPOLOGIES.find((one) => one.group === consumerGroup)
  const topics: readonly string[] = group?.topics ?? []
  const isThreshold = /^[1-9]\d*$/.test(String(metadata['lagThreshold']))
  const isString = Object.values(metadata).every((value) => typeof value === 'string')
  return [
    ...(isString ? [] : ['its values are not strings']),
    ...(group === undefined ? [`there is no consumer group ${consumerGroup}`] : []),
    ...(group === undefined || topics.includes(topic)
      ? []
      : [`${consumerGroup} does not read ${topic}`]),
    ...(isThreshold ? [] : [`${topic} has no lagThreshold`]),
    ...(useCachedMetrics === true ? [] : [`${topic} is measured at any time`]),
    ...['limitToPartitionsWithLag', 'excludePersistentLag']
      .filter((key) => metadata[key] !== 'true')
      .map((key) => `${topic} does not set ${key}`),
  ]
}
