import {
  type DeploymentSpec,
  type Labels,
  type Manifest,
  ofKind,
  type Selector,
  selects,
  workloads,
} from './manifest.ts'
import { settingsViolations } from './settings-violations.ts'

interface ServiceSpec {
  readonly selector: Labels
  readonly ports: readonly { readonly port: number; readonly targetPort: number | string }[]
}

interface BudgetSpec {
  readonly selector: Selector
  readonly maxUnavailable?: number
  readonly minAvailable?: number
  readonly unhealthyPodEvictionPolicy?: string
}

/** What does not fit together in manifests: selectors, ports, settings, budgets; one sentence each. */
export function wiringViolations(manifests: readonly Manifest[]): readonly string[] {
  const deployments = ofKind<DeploymentSpec>(manifests, 'Deployment')
  return [
    ...deployments.flatMap((one) => deploymentViolations(one, manifests)),
    ...ofKind<ServiceSpec>(manifests, 'Service').flatMap((one) =>
      serviceViolations(one, deployments),
    ),
    ...ofKind<BudgetSpec>(manifests, 'PodDisruptionBudget').flatMap((one) =>
      budgetViolations(one, deployments, manifests),
    ),
    ...workloads(manifests).flatMap(({ manifest, template }) =>
      settingsViolations(template.spec.containers, manifests).map(
        (violation) => `${manifest.kind} ${manifest.metadata.name}: ${violation}`,
      ),
    ),
  ]
}

/** How many pods a Deployment has at least: by its scaler, else by itself. */
export function replicasOf(
  { metadata, spec }: Manifest<DeploymentSpec>,
  manifests: readonly Manifest[],
): number {
  const scalers = [
    ...ofKind<Scaler>(manifests, 'HorizontalPodAutoscaler'),
    ...ofKind<Scaler>(manifests, 'ScaledObject'),
  ]
  const scaler = scalers.find((one) => one.spec.scaleTargetRef.name === metadata.name)?.spec
  return scaler?.minReplicas ?? scaler?.minReplicaCount ?? spec.replicas ?? 1
}

interface Scaler {
  readonly scaleTargetRef: { readonly name: string }
  readonly minReplicas?: number
  readonly minReplicaCount?: number
}

function deploymentViolations(
  deployment: Manifest<DeploymentSpec>,
  manifests: readonly Manifest[],
): string[] {
  const { template, selector } = deployment.spec
  const labels = template.metadata?.labels
  const name = `Deployment ${deployment.metadata.name}`
  const spreads = template.spec.topologySpreadConstraints ?? []
  const budgets = ofKind<BudgetSpec>(manifests, 'PodDisruptionBudget')
  const isHeld = budgets.some(({ spec }) => selects(spec.selector, labels))
  return [
    ...(selects(selector, labels) ? [] : [`${name}: does not select its own pods`]),
    ...(spreads.every(({ labelSelector = {} }) => selects(labelSelector, labels))
      ? []
      : [`${name}: spreads other pods than its own`]),
    ...(isHeld || replicasOf(deployment, manifests) === 1
      ? []
      : [`${name}: may lose all its pods to a drain at once`]),
  ]
}

function serviceViolations(
  { metadata, spec }: Manifest<ServiceSpec>,
  deployments: readonly Manifest<DeploymentSpec>[],
): string[] {
  const name = `Service ${metadata.name}`
  const selected = deployments.filter((one) =>
    selects({ matchLabels: spec.selector }, one.spec.template.metadata?.labels),
  )
  if (selected.length !== 1) return [`${name}: selects the pods of ${selected.length} Deployments`]
  const ports = selected.flatMap(({ spec: { template } }) =>
    template.spec.containers.flatMap((container) => container.ports ?? []),
  )
  const isThere = (target: number | string) =>
    ports.some((port) => port.name === target || port.containerPort === target)
  return spec.ports
    .filter(({ targetPort }) => !isThere(targetPort))
    .map(({ targetPort }) => `${name}: its pods have no port ${targetPort}`)
}

/** A budget that allows no eviction blocks every drain of a node. */
function budgetViolations(
  { metadata, spec }: Manifest<BudgetSpec>,
  deployments: readonly Manifest<DeploymentSpec>[],
  manifests: readonly Manifest[],
): string[] {
  const name = `PodDisruptionBudget ${metadata.name}`
  const [held, ...others] = deployments.filter((one) =>
    selects(spec.selector, one.spec.template.metadata?.labels),
  )
  if (held === undefined || others.length > 0)
    return [`${name}: does not cover exactly one Deployment`]
  const replicas = replicasOf(held, manifests)
  const free = spec.maxUnavailable ?? replicas - (spec.minAvailable ?? 0)
  return [
    ...(free < 1 ? [`${name}: blocks every drain`] : []),
    ...(free >= replicas ? [`${name}: allows all pods to be evicted at once`] : []),
    // By default only pods of a healthy Deployment are evicted, and without an engine no pod is ready.
    ...(spec.unhealthyPodEvictionPolicy === 'AlwaysAllow'
      ? []
      : [`${name}: blocks drains while an engine is down`]),
  ]
}
