import { loadConfig } from '#app/config.ts'
import { assign } from '#engines/log/assign.ts'
import { TOPOLOGIES } from '#processors/topologies.ts'
import { TOPIC_NAMES, TOPICS } from '#schemas/topics.ts'
import { type DeploymentSpec, type Manifest, ofKind } from './manifest.ts'

interface Behavior {
  readonly scaleDown?: { readonly stabilizationWindowSeconds?: number }
}

interface AutoscalerSpec {
  readonly scaleTargetRef: { readonly name: string }
  readonly minReplicas?: number
  readonly maxReplicas: number
  readonly behavior?: Behavior
}

interface ScaledObjectSpec {
  readonly scaleTargetRef: { readonly name: string }
  readonly minReplicaCount?: number
  readonly maxReplicaCount?: number
  readonly pollingInterval?: number
  readonly advanced?: { readonly horizontalPodAutoscalerConfig?: { readonly behavior?: Behavior } }
  readonly triggers: readonly Trigger[]
}

interface Trigger {
  readonly type: string
  readonly useCachedMetrics?: boolean
  readonly metadata: Readonly<Record<string, string>>
}

/** With a shorter one, a quiet minute moves partitions or stops a replica that has just learned. */
const SCALE_DOWN_SECONDS_MIN = 300
const AVAILABLE_MIN = 2
/** Records per second that one process stores with ease: a third of what one was measured to take. */
const STEADY_RATE = 20_000

/** What is wrong with the scalers, one sentence each. */
export function scalingViolations(manifests: readonly Manifest[]): readonly string[] {
  const autoscalers = ofKind<AutoscalerSpec>(manifests, 'HorizontalPodAutoscaler')
  const scaled = ofKind<ScaledObjectSpec>(manifests, 'ScaledObject')
  const settings = Object.assign({}, ...ofKind(manifests, 'ConfigMap').map(({ data }) => data))
  const config = loadConfig({ data: '/data' }, { ...settings, LOG_URL: 'kafka://kafka:9092' })
  const log = {
    partitions: config.topics.activityPartitions,
    intervalSeconds: config.storeIntervalMs / 1_000,
  }
  return [
    ...targetViolations([...autoscalers, ...scaled], manifests),
    ...autoscalers.flatMap(({ metadata, spec }) => {
      const range = { min: spec.minReplicas ?? 1, max: spec.maxReplicas, behavior: spec.behavior }
      return rangeViolations(`HorizontalPodAutoscaler ${metadata.name}`, range)
    }),
    ...scaled.flatMap((one) => lagViolations(one, log)),
  ]
}

function targetViolations(
  scalers: readonly Manifest<{ scaleTargetRef: { name: string } }>[],
  manifests: readonly Manifest[],
): string[] {
  const targets = scalers.map(({ spec }) => spec.scaleTargetRef.name)
  const deployments = ofKind<DeploymentSpec>(manifests, 'Deployment')
  return [...new Set(targets)].flatMap((name) => {
    const target = deployments.find(({ metadata }) => metadata.name === name)
    const count = targets.filter((one) => one === name).length
    return [
      ...(target === undefined ? [`${name} is scaled, but does not exist`] : []),
      ...(count > 1 ? [`${name} has ${count} scalers`] : []),
      ...(target?.spec.replicas === undefined ? [] : [`${name} sets replicas beside its scaler`]),
    ]
  })
}

interface Range {
  readonly min: number
  readonly max: number
  readonly behavior: Behavior | undefined
}

function rangeViolations(name: string, { min, max, behavior }: Range): string[] {
  const scaleDownSeconds = behavior?.scaleDown?.stabilizationWindowSeconds ?? 0
  return [
    ...(min < AVAILABLE_MIN ? [`${name}: scales down to ${min}`] : []),
    ...(max < min ? [`${name}: its maximum is below its minimum`] : []),
    ...(scaleDownSeconds < SCALE_DOWN_SECONDS_MIN
      ? [`${name}: its scale-down window is too short`]
      : []),
  ]
}

interface LogSettings {
  /** Of commerce.activity. */
  readonly partitions: number
  /** Between two commits of a partition. */
  readonly intervalSeconds: number
}

function lagViolations({ metadata, spec }: Manifest<ScaledObjectSpec>, log: LogSettings): string[] {
  const name = `ScaledObject ${metadata.name}`
  const { minReplicaCount: min = 0, maxReplicaCount: max = 100, pollingInterval = 30 } = spec
  const behavior = spec.advanced?.horizontalPodAutoscalerConfig?.behavior
  return [
    ...rangeViolations(name, { min, max, behavior }),
    ...(idleOf(max, log) > 0
      ? [`${name}: ${idleOf(max, log)} of ${max} processes would have no partition`]
      : []),
    ...(pollingInterval <= log.intervalSeconds
      ? [`${name}: measures more often than partitions commit`]
      : []),
    ...spec.triggers.flatMap((trigger) =>
      triggerViolations(trigger, log).map((violation) => `${name}: ${violation}`),
    ),
  ]
}

/** How many of so many processes get no partition when the log shares out those of all topics. */
function idleOf(processes: number, log: LogSettings): number {
  const candidates = Array.from({ length: processes }, (_, process) => process)
  const claims = TOPIC_NAMES.flatMap((topic) => {
    const share = TOPICS[topic].partitions / TOPICS['commerce.activity'].partitions
    const length = Math.max(1, Math.round(log.partitions * share))
    return Array.from({ length }, (_, index) => {
      return { partition: `${topic}-${index}`, topic, owner: undefined, candidates }
    })
  })
  return processes - new Set(assign(claims).values()).size
}

function triggerViolations(
  { type, metadata, useCachedMetrics }: Trigger,
  { intervalSeconds }: LogSettings,
): string[] {
  if (type !== 'kafka') return []
  const { consumerGroup = '', topic = '' } = metadata
  const group = TOPOLOGIES.find((one) => one.group === consumerGroup)
  const topics: readonly string[] = group?.topics ?? []
  const isThreshold = /^[1-9]\d*$/.test(String(metadata['lagThreshold']))
  const steadyRate = Number(metadata['lagThreshold']) / intervalSeconds
  const isString = Object.values(metadata).every((value) => typeof value === 'string')
  return [
    ...(isString ? [] : ['its values are not strings']),
    ...(group === undefined ? [`there is no consumer group ${consumerGroup}`] : []),
    ...(group === undefined || topics.includes(topic)
      ? []
      : [`${consumerGroup} does not read ${topic}`]),
    ...(isThreshold ? [] : [`${topic} has no lagThreshold`]),
    // The group that stores facts commits once in an interval; that of the products every second.
    ...(isThreshold && group?.record !== undefined && steadyRate < STEADY_RATE
      ? [`${topic} starts a process for each ${steadyRate} records/s of steady load`]
      : []),
    ...(useCachedMetrics === true ? [] : [`${topic} is measured at any time`]),
    ...['limitToPartitionsWithLag', 'excludePersistentLag']
      .filter((key) => metadata[key] !== 'true')
      .map((key) => `${topic} does not set ${key}`),
  ]
}
