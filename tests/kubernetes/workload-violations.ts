import { DRAIN_MS } from '#app/commands/run-until-stopped.ts'
import {
  type Container,
  type DeploymentSpec,
  type Manifest,
  type PodSpec,
  type Workload,
  workloads,
} from './manifest.ts'

const SPREAD_OVER = {
  'topology.kubernetes.io/zone': 'may run in one zone only',
  'kubernetes.io/hostname': 'may run on one node only',
} as const
/** While it exists, an apply that changes its pod template (image, settings) fails. */
const JOB_TTL_SECONDS_MAX = 300

/** What is wrong with the pods of manifests, one sentence each: privileges, resources, probes, how they end. */
export function workloadViolations(manifests: readonly Manifest[]): readonly string[] {
  return [
    ...manifests.flatMap(secretViolations),
    ...manifests.filter(({ kind }) => kind === 'Namespace').flatMap(namespaceViolations),
    ...workloads(manifests).flatMap((workload) =>
      [
        ...podViolations(workload.template.spec),
        ...workload.template.spec.containers.flatMap(containerViolations),
        ...drainViolations(workload.template.spec),
        ...(workload.manifest.kind === 'Deployment'
          ? listeningViolations(workload)
          : jobViolations(workload)),
      ].map((violation) => `${nameOf(workload.manifest)}: ${violation}`),
    ),
  ]
}

function nameOf({ kind, metadata }: Manifest): string {
  return `${kind} ${metadata.name}`
}

/** Each condition that holds is a violation. */
function holding(violations: readonly (readonly [boolean, string])[]): string[] {
  return violations.filter(([holds]) => holds).map(([, sentence]) => sentence)
}

function namespaceViolations(namespace: Manifest): string[] {
  const level = namespace.metadata.labels?.['pod-security.kubernetes.io/enforce']
  return level === 'restricted' ? [] : [`${nameOf(namespace)}: does not enforce restricted pods`]
}

function secretViolations(manifest: Manifest): string[] {
  if (manifest.kind === 'Secret') return [`${nameOf(manifest)}: a secret is in the manifests`]
  const { data = {} } = manifest
  return Object.entries(data)
    .filter(([key, value]) => isSecret(key, value))
    .map(([key]) => `${nameOf(manifest)}: ${key} is a secret`)
}

function isSecret(key: string, value = ''): boolean {
  return /PASSWORD|SECRET|TOKEN|API_KEY|_URL$/.test(key) || /\/\/[^/@]*:[^/@]*@/.test(value)
}

function podViolations(pod: PodSpec): string[] {
  const { securityContext = {}, volumes = [] } = pod
  const { runAsNonRoot, runAsUser, seccompProfile } = securityContext
  return holding([
    [runAsNonRoot !== true || runAsUser === 0, 'may run as root'],
    [seccompProfile?.type !== 'RuntimeDefault', 'may make any system call'],
    [
      pod.hostNetwork === true || pod.hostPID === true,
      'shares its network or processes with its node',
    ],
    [volumes.some(({ hostPath }) => hostPath !== undefined), 'mounts a folder of its node'],
    [pod.automountServiceAccountToken !== false, 'is given a token of the Kubernetes API'],
    [
      volumes.some(({ emptyDir }) => emptyDir !== undefined && emptyDir.sizeLimit === undefined),
      'may fill the disk of its node',
    ],
  ])
}

function containerViolations(container: Container): string[] {
  const { image, resources, securityContext = {}, env = [], volumeMounts = [] } = container
  const { capabilities } = securityContext
  const tag = /:([^:/@]+)$/.exec(image)?.[1] ?? ''
  const isPinned = /^v?\d+\.\d+/.test(tag) || /@sha256:[0-9a-f]{64}$/.test(image)
  const mounts = volumeMounts.map(({ mountPath }) => mountPath)
  return holding([
    [!isPinned, `the image ${image} is not pinned to a release`],
    [securityContext.privileged === true, 'is privileged'],
    [securityContext.allowPrivilegeEscalation !== false, 'may gain privileges'],
    [
      capabilities?.drop?.includes('ALL') !== true || (capabilities.add ?? []).length > 0,
      'has capabilities',
    ],
    [securityContext.readOnlyRootFilesystem !== true, 'can write to its root file system'],
    [!mounts.includes('/tmp') || !mounts.includes('/data'), 'has no volume at /tmp or /data'],
    [resources?.requests?.['cpu'] === undefined, 'requests no CPU'],
    [resources?.requests?.['memory'] === undefined, 'requests no memory'],
    [resources?.limits?.['memory'] === undefined, 'has no memory limit'],
    ...env.map(
      ({ name, value }) =>
        [value !== undefined && isSecret(name, value), `${name} is a secret`] as const,
    ),
  ])
}

/** The grace period begins with the pause, not with SIGTERM. */
function drainViolations({ terminationGracePeriodSeconds = 30, containers }: PodSpec): string[] {
  const pause = Math.max(0, ...containers.map((one) => one.lifecycle?.preStop?.sleep?.seconds ?? 0))
  const drained = pause + DRAIN_MS / 1_000
  return holding([[terminationGracePeriodSeconds <= drained, 'is killed before it has drained']])
}

function listeningViolations({ manifest, template }: Workload): string[] {
  const { strategy } = manifest.spec as DeploymentSpec
  const spread = template.spec.topologySpreadConstraints?.map(({ topologyKey }) => topologyKey)
  return [
    ...holding([
      [strategy?.rollingUpdate?.maxUnavailable !== 0, 'has fewer pods during a rollout'],
      ...Object.entries(SPREAD_OVER).map(
        ([key, sentence]) => [spread?.includes(key) !== true, sentence] as const,
      ),
    ]),
    ...template.spec.containers.flatMap(probeViolations),
  ]
}

function probeViolations(container: Container): string[] {
  const { startupProbe, readinessProbe, livenessProbe, lifecycle, ports = [] } = container
  const probes = [startupProbe, readinessProbe, livenessProbe]
  const names = ports.map(({ name }) => name)
  const asked = probes.map((probe) => probe?.httpGet?.port)
  return holding([
    [startupProbe?.httpGet?.path !== '/livez', 'has no startup probe at /livez'],
    [readinessProbe?.httpGet?.path !== '/readyz', 'has no readiness probe at /readyz'],
    [livenessProbe?.httpGet?.path !== '/livez', 'has no liveness probe at /livez'],
    [asked.some((port) => !names.includes(String(port))), 'probe port is not declared'],
    [lifecycle?.preStop?.sleep === undefined, 'gets requests while it stops'],
  ])
}

interface JobSpec {
  readonly backoffLimit?: number
  readonly activeDeadlineSeconds?: number
  readonly ttlSecondsAfterFinished?: number
}

interface CronJobSpec {
  readonly timeZone?: string
  readonly concurrencyPolicy?: string
  readonly startingDeadlineSeconds?: number
  readonly successfulJobsHistoryLimit?: number
  readonly failedJobsHistoryLimit?: number
  readonly jobTemplate: { readonly spec: JobSpec }
}

function jobViolations({ manifest, template }: Workload): string[] {
  if (manifest.kind === 'Job') {
    const spec = manifest.spec as JobSpec
    const { ttlSecondsAfterFinished: ttl = 0 } = spec
    return [
      ...holding([
        [ttl > JOB_TTL_SECONDS_MAX, 'blocks the next apply for long after it has ended'],
      ]),
      ...onceViolations(spec, template.spec),
    ]
  }
  const spec = manifest.spec as CronJobSpec
  return [
    ...holding([
      [spec.concurrencyPolicy !== 'Forbid', 'may run twice at once'],
      [spec.timeZone === undefined, 'runs in the time zone of the control plane'],
      [spec.startingDeadlineSeconds === undefined, 'may start at any later time'],
      [
        spec.successfulJobsHistoryLimit === undefined || spec.failedJobsHistoryLimit === undefined,
        'does not limit its history',
      ],
    ]),
    ...onceViolations(spec.jobTemplate.spec, template.spec),
  ]
}

function onceViolations(job: JobSpec, { restartPolicy }: PodSpec): string[] {
  return holding([
    [job.backoffLimit === undefined, 'does not limit its retries'],
    [job.activeDeadlineSeconds === undefined, 'has no deadline'],
    [job.ttlSecondsAfterFinished === undefined, 'is never deleted'],
    [restartPolicy !== 'Never' && restartPolicy !== 'OnFailure', 'restarts after it has ended'],
  ])
}
