import { isDeepStrictEqual } from 'node:util'
import {
  type Labels,
  type Manifest,
  ofKind,
  type Selector,
  selects,
  workloads,
} from './manifest.ts'

interface PolicySpec {
  readonly podSelector: Selector
  readonly policyTypes?: readonly string[]
  readonly egress?: readonly Rule[]
  readonly ingress?: readonly Rule[]
}

interface Rule {
  readonly to?: readonly Peer[]
  readonly from?: readonly Peer[]
  readonly ports?: readonly { readonly port: number | string; readonly protocol?: string }[]
}

interface Peer {
  readonly namespaceSelector?: Selector
  readonly podSelector?: Selector
  readonly ipBlock?: { readonly cidr: string }
}

const NAMESPACE = 'kubernetes.io/metadata.name'

/** Who may connect where, as `a -> b:port`, against what is needed; one sentence for each missing or needless edge. */
export function networkViolations(
  manifests: readonly Manifest[],
  needed: ReadonlySet<string>,
): readonly string[] {
  const policies = ofKind<PolicySpec>(manifests, 'NetworkPolicy')
  const open = new Set(
    workloads(manifests).flatMap(({ template }) => edges(policies, template.metadata?.labels)),
  )
  return [
    ...(policies.some(deniesAll) ? [] : ['no policy denies everything by default']),
    ...[...needed].filter((edge) => !open.has(edge)).map((edge) => `${edge} is needed, but closed`),
    ...[...open]
      .filter((edge) => !needed.has(edge))
      .map((edge) => `${edge} is open, but not needed`),
  ]
}

function deniesAll({ spec }: Manifest<PolicySpec>): boolean {
  const { podSelector, policyTypes = [], ingress = [], egress = [] } = spec
  const isOfAll = isDeepStrictEqual(podSelector, {})
  const isClosed = ingress.length === 0 && egress.length === 0
  return isOfAll && isClosed && policyTypes.includes('Ingress') && policyTypes.includes('Egress')
}

function edges(policies: readonly Manifest<PolicySpec>[], labels: Labels = {}): string[] {
  const component = labels['app.kubernetes.io/component'] ?? '?'
  return policies
    .filter(({ spec }) => selects(spec.podSelector, labels))
    .flatMap(({ spec: { egress = [], ingress = [] } }) => [
      ...egress.flatMap(({ to, ports }) =>
        ends(to, ports).map(({ peer, port }) => `${component} -> ${peer}:${port}`),
      ),
      ...ingress.flatMap(({ from, ports }) =>
        ends(from, ports).map(({ peer, port }) => `${peer} -> ${component}:${port}`),
      ),
    ])
}

/** Without peers a rule is for all of them, without ports for every port. */
function ends(peers: readonly Peer[] | undefined, ports: Rule['ports']) {
  const peerNames = peers === undefined || peers.length === 0 ? ['anywhere'] : peers.map(nameOf)
  const portNames = ports?.map(({ port, protocol = 'TCP' }) =>
    protocol === 'TCP' ? String(port) : `${port}/${protocol}`,
  ) ?? ['any']
  return peerNames.flatMap((peer) => portNames.map((port) => ({ peer, port })))
}

function nameOf({ namespaceSelector, podSelector, ipBlock }: Peer): string {
  if (ipBlock !== undefined) return ipBlock.cidr
  const namespace = namespaceSelector === undefined ? 'freshet' : namespaceOf(namespaceSelector)
  const pods = Object.values(podSelector?.matchLabels ?? {})
  return [namespace, ...pods].join('/')
}

/** Its name, else the labels that it must have. */
function namespaceOf({ matchLabels = {} }: Selector): string {
  const labels = Object.entries(matchLabels).map(([key, value]) => `[${key}=${value}]`)
  return matchLabels[NAMESPACE] ?? (labels.join('') || '*')
}
