import { TOPOLOGIES } from '#processors/topologies.ts'
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
  readonly cooldownPeriod?: number
  readonly advanced?: { readonly horizontalPodAutoscalerConfig?: { readonly behavior?: Behavior } }
  readonly triggers: readonly Trigger[]
}

interface Trigger {
  readonly type: string
  readonly metadata: Readonly<Record<string, string>>
}

/** Shorter, and a quiet minute moves partitions or throws away what a replica has learned. */
const CALM_SECONDS = 300
const AVAILABLE_MIN = 2

/** What is wrong with what scales, one sentence each. */
export function scalingViolations(manifests: readonly Manifest[]): readonly string[] {
  const autoscalers = ofKind<AutoscalerSpec>(manifests, 'HorizontalPodAutoscaler')
  const scaled = ofKind<ScaledObjectSpec>(manifests, 'ScaledObject')
  const partitions = Number(
    ofKind(manifests, 'ConfigMap').flatMap(({ data }) => data?.['LOG_PARTITIONS'] ?? [])[0],
  )
  return [
    ...targetViolations([...autoscalers, ...scaled], manifests),
    ...autoscalers.flatMap(({ metadata, spec }) => {
      const range = { min: spec.minReplicas ?? 1, max: spec.maxReplicas, behavior: spec.behavior }
      return rangeViolations(`HorizontalPodAutoscaler ${metadata.name}`, range)
    }),
    ...scaled.flatMap((one) => lagViolations(one, partitions)),
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
      ...(target === undefined ? [`${name} is scaled, and is not there`] : []),
      ...(count > 1 ? [`${count} scalers fight over ${name}`] : []),
      ...(target?.spec.replicas === undefined ? [] : [`${name} says how many beside its scaler`]),
    ]
  })
}

interface Range {
  readonly min: number
  readonly max: number
  readonly behavior: Behavior | undefined
}

function rangeViolations(name: string, { min, max, behavior }: Range): string[] {
  const calm = behavior?.scaleDown?.stabilizationWindowSeconds ?? 0
  return [
    ...(min < AVAILABLE_MIN ? [`${name}: lets it come down to ${min}`] : []),
    ...(max < min ? [`${name}: has no room`] : []),
    ...(calm < CALM_SECONDS ? [`${name}: comes down within a moment`] : []),
  ]
}

function lagViolations(
  { metadata, spec }: Manifest<ScaledObjectSpec>,
  partitions: number,
): string[] {
  const name = `ScaledObject ${metadata.name}`
  const { minReplicaCount: min = 0, maxReplicaCount: max = 100, cooldownPeriod = 0 } = spec
  const behavior = spec.advanced?.horizontalPodAutoscalerConfig?.behavior
  return [
    ...rangeViolations(name, { min, max, behavior }),
    ...(cooldownPeriod < CALM_SECONDS ? [`${name}: cools down within a moment`] : []),
    ...(max > partitions ? [`${name}: starts ${max} processes for ${partitions} partitions`] : []),
    ...spec.triggers.flatMap((trigger) => triggerViolations(trigger).map((v) => `${name}: ${v}`)),
  ]
}

function triggerViolations({ type, metadata }: Trigger): string[] {
  if (type !== 'kafka') return []
  const { consumerGroup = '', topic = '' } = metadata
  const group = TOPOLOGIES.find((one) => one.group === consumerGroup)
  const topics: readonly string[] = group?.topics ?? []
  const isCount = (key: string) => /^[1-9]\d*$/.test(String(metadata[key]))
  const isString = Object.values(metadata).every((value) => typeof value === 'string')
  return [
    ...(isString ? [] : ['its values are not strings']),
    ...(group === undefined ? [`nobody reads as ${consumerGroup}`] : []),
    ...(group === undefined || topics.includes(topic)
      ? []
      : [`${consumerGroup} does not read ${topic}`]),
    ...['lagThreshold', 'activationLagThreshold']
      .filter((key) => !isCount(key))
      .map((key) => `${topic} has no ${key}`),
    ...['limitToPartitionsWithLag', 'excludePersistentLag']
      .filter((key) => metadata[key] !== 'true')
      .map((key) => `${topic} does not say ${key}`),
  ]
}
