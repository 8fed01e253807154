export type Labels = Readonly<Record<string, string>>

/** The part of a rendered manifest that the policies read; `S` is that part of its spec. */
export interface Manifest<S = unknown> {
  readonly apiVersion: string
  readonly kind: string
  readonly metadata: { readonly name: string; readonly labels?: Labels }
  readonly spec: S
  readonly data?: Readonly<Record<string, string>>
}

export interface PodTemplate {
  readonly metadata?: { readonly labels?: Labels }
  readonly spec: PodSpec
}

export interface PodSpec {
  readonly automountServiceAccountToken?: boolean
  readonly terminationGracePeriodSeconds?: number
  readonly restartPolicy?: string
  readonly hostNetwork?: boolean
  readonly hostPID?: boolean
  readonly securityContext?: {
    readonly runAsNonRoot?: boolean
    readonly runAsUser?: number
    readonly seccompProfile?: { readonly type: string }
  }
  readonly topologySpreadConstraints?: readonly Spread[]
  readonly containers: readonly Container[]
  readonly volumes?: readonly Volume[]
}

export interface Spread {
  readonly topologyKey: string
  readonly labelSelector?: Selector
}

export interface Volume {
  readonly name: string
  readonly hostPath?: object
  readonly emptyDir?: { readonly sizeLimit?: string }
}

interface Probe {
  readonly httpGet?: { readonly path: string; readonly port: string | number }
}

export interface Container {
  readonly name: string
  readonly image: string
  readonly args?: readonly string[]
  readonly env?: readonly { readonly name: string; readonly value?: string }[]
  readonly envFrom?: readonly { readonly configMapRef?: { readonly name: string } }[]
  readonly ports?: readonly { readonly name: string; readonly containerPort: number }[]
  readonly resources?: {
    readonly requests?: Readonly<Record<string, string>>
    readonly limits?: Readonly<Record<string, string>>
  }
  readonly securityContext?: {
    readonly privileged?: boolean
    readonly allowPrivilegeEscalation?: boolean
    readonly readOnlyRootFilesystem?: boolean
    readonly capabilities?: { readonly drop?: readonly string[]; readonly add?: readonly string[] }
  }
  readonly volumeMounts?: readonly { readonly name: string; readonly mountPath: string }[]
  readonly startupProbe?: Probe
  readonly readinessProbe?: Probe
  readonly livenessProbe?: Probe
  readonly lifecycle?: { readonly preStop?: { readonly sleep?: { readonly seconds: number } } }
}

export interface Selector {
  readonly matchLabels?: Labels
  readonly matchExpressions?: readonly {
    readonly key: string
    readonly operator: string
    readonly values?: readonly string[]
  }[]
}

export interface DeploymentSpec {
  readonly replicas?: number
  readonly selector: Selector
  readonly strategy?: { readonly rollingUpdate?: { readonly maxUnavailable?: number | string } }
  readonly template: PodTemplate
}

/** The manifests of one kind. */
export function ofKind<S>(manifests: readonly Manifest[], kind: string): readonly Manifest<S>[] {
  return manifests.filter((manifest) => manifest.kind === kind) as readonly Manifest<S>[]
}

/** Whether a selector matches pods with these labels. */
export function selects(
  { matchLabels = {}, matchExpressions = [] }: Selector,
  labels: Labels = {},
): boolean {
  return (
    Object.entries(matchLabels).every(([key, value]) => labels[key] === value) &&
    matchExpressions.every(
      ({ key, operator, values = [] }) => operator === 'In' && values.includes(labels[key] ?? ''),
    )
  )
}

/** A workload and the template of its pods. */
export interface Workload {
  readonly manifest: Manifest
  readonly template: PodTemplate
}

export function workloads(manifests: readonly Manifest[]): readonly Workload[] {
  return manifests.flatMap((manifest): Workload[] => {
    const { kind } = manifest
    if (kind === 'Deployment' || kind === 'Job') {
      return [{ manifest, template: (manifest.spec as { template: PodTemplate }).template }]
    }
    if (kind !== 'CronJob') return []
    const { jobTemplate } = manifest.spec as {
      jobTemplate: { spec: { template: PodTemplate } }
    }
    return [{ manifest, template: jobTemplate.spec.template }]
  })
}
