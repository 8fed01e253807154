import { ALL_ROUTES } from '#app/http/all-routes.ts'
import { type Manifest, ofKind } from './manifest.ts'

interface GatewaySpec {
  readonly listeners: readonly {
    readonly name: string
    readonly protocol: string
    readonly tls?: { readonly certificateRefs?: readonly object[] }
  }[]
}

interface RouteSpec {
  readonly hostnames?: readonly string[]
  readonly parentRefs: readonly { readonly name: string; readonly sectionName?: string }[]
  readonly rules: readonly {
    readonly matches?: readonly {
      readonly path?: { readonly type: string; readonly value: string }
    }[]
    readonly filters?: readonly { readonly type: string }[]
    readonly backendRefs?: readonly { readonly name: string; readonly port?: number }[]
  }[]
}

/** What stays inside the Kubernetes cluster. */
const INSIDE: readonly string[] = ['/metrics', '/readyz', '/livez', '/v1/sql']
/** Published paths that are no declared route, and those that `serve` does not answer. */
const ANSWERED_BY = {
  '/v1/events': 'freshet-ingest',
  '/openapi.json': 'freshet-serve',
  '/docs/errors/ENGINE_CLOSED.md': 'freshet-serve',
} as const
/** Every other declared route is published too, and `serve` answers it. */
const PUBLISHED: readonly (readonly [path: string, service: string])[] = [
  ...ALL_ROUTES.map(({ path }) => path)
    .filter((path) => !INSIDE.includes(path) && !(path in ANSWERED_BY))
    .map((path) => [path.replace(/{\w+}/g, 'x'), 'freshet-serve'] as const),
  ...Object.entries(ANSWERED_BY),
]

/** What is wrong with what a gateway publishes, one sentence each. */
export function routeViolations(manifests: readonly Manifest[]): readonly string[] {
  const gateways = ofKind<GatewaySpec>(manifests, 'Gateway')
  const routes = ofKind<RouteSpec>(manifests, 'HTTPRoute')
  const services = ofKind<{ ports: readonly { port: number }[] }>(manifests, 'Service')
  const backends = routes.flatMap(({ spec }) => spec.rules.flatMap((one) => one.backendRefs ?? []))
  const isThere = ({ name, port }: { name: string; port?: number }) =>
    services.some(
      (one) => one.metadata.name === name && one.spec.ports.some((p) => p.port === port),
    )
  const allowed = ofKind(manifests, 'ConfigMap').flatMap(
    ({ data }) => data?.['ALLOWED_HOSTS']?.split(',') ?? [],
  )
  const hostViolations = (host: string) =>
    allowed.includes(host) ? [] : [`${host} is published, but not in ALLOWED_HOSTS`]
  return [
    ...routes.flatMap((route) => tlsViolations(route, gateways)),
    ...backends
      .filter((backend) => !isThere(backend))
      .map(({ name, port }) => `${name}:${port} is routed to, but does not exist`),
    ...routes.flatMap(({ spec }) => spec.hostnames ?? []).flatMap(hostViolations),
    ...INSIDE.filter((path) => backendOf(routes, path) !== undefined).map(
      (path) => `${path} is published`,
    ),
    ...PUBLISHED.filter(([path, name]) => backendOf(routes, path) !== name).map(
      ([path, name]) => `${path} does not reach ${name}`,
    ),
  ]
}

/** Routes with a backend are served over TLS; others may only redirect. */
function tlsViolations(
  { metadata, spec }: Manifest<RouteSpec>,
  gateways: readonly Manifest<GatewaySpec>[],
): string[] {
  const answers = spec.rules.some(({ backendRefs = [] }) => backendRefs.length > 0)
  return spec.parentRefs.flatMap(({ name, sectionName }) => {
    const gateway = gateways.find((one) => one.metadata.name === name)
    const listener = gateway?.spec.listeners.find((one) => one.name === sectionName)
    if (listener === undefined) return [`HTTPRoute ${metadata.name}: has no listener`]
    const isSafe = listener.protocol === 'HTTPS' && listener.tls?.certificateRefs?.length === 1
    return answers && !isSafe ? [`HTTPRoute ${metadata.name}: answers without TLS`] : []
  })
}

/** The most exact match wins, then the longest prefix. */
function backendOf(routes: readonly Manifest<RouteSpec>[], path: string): string | undefined {
  const matches = routes.flatMap(({ spec }) =>
    spec.rules.flatMap(({ matches: paths = [], backendRefs = [] }) =>
      paths.flatMap((match) => {
        const { type = 'PathPrefix', value = '/' } = match.path ?? {}
        const isHit = type === 'Exact' ? path === value : isBelow(path, value)
        const rank = type === 'Exact' ? Number.POSITIVE_INFINITY : value.length
        return isHit ? [{ rank, backend: backendRefs[0]?.name }] : []
      }),
    ),
  )
  return matches.sort((a, b) => b.rank - a.rank)[0]?.backend
}

function isBelow(path: string, prefix: string): boolean {
  const folder = prefix.endsWith('/') ? prefix : `${prefix}/`
  return path === prefix || path.startsWith(folder)
}
