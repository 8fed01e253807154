import { type LagScalerSpec, lagViolations } from './lag-violations.ts'
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

interface ScaledObjectSpec extends LagScalerSpec {
  readonly scaleTargetRef: { readonly name: string }
  readonly advanced?: { readonly horizontalPodAutoscalerConfig?: { readonly behavior?: Behavior } }
}

/** With a shorter one, a quiet minute moves partitions or stops a replica that has just learned. */
const SCALE_DOWN_SECONDS_MIN = 300
const AVAILABLE_MIN = 2

/** What is wrong with the scalers, one sentence each. */
export function scalingViolations(manifests: readonly Manifest[]): readonly string[] {
  const autoscalers = ofKind<AutoscalerSpec>(manifests, 'HorizontalPodAutoscaler')
  const scaled = ofKind<ScaledObjectSpec>(manifests, 'ScaledObject')
  return [
    ...targetViolations([...autoscalers, ...scaled], manifests),
    ...autoscalers.flatMap(({ metadata, spec }) => {
      const range = { min: spec.minReplicas ?? 1, max: spec.maxReplicas, behavior: spec.behavior }
      return rangeViolations(`HorizontalPodAutoscaler ${metadata.name}`, range)
    }),
    ...scaled.flatMap(({ metadata, spec }) => {
      const name = `ScaledObject ${metadata.name}`
      const { minReplicaCount: min = 0, maxReplicaCount: max = 100, advanced } = spec
      const behavior = advanced?.horizontalPodAutoscalerConfig?.behavior
      const ofLag = lagViolations(spec, manifests).map((violation) => `${name}: ${violation}`)
      return [...rangeViolations(name, { min, max, behavior }), ...ofLag]
    }),
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
