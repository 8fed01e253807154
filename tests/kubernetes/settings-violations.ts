import { type Container, type Manifest, ofKind } from './manifest.ts'

/** The environment of a container, but for Secrets: its ConfigMaps, then its own variables. */
export function settingsOf(
  { envFrom = [], env = [] }: Container,
  manifests: readonly Manifest[],
): Readonly<Record<string, string>> {
  const maps = envFrom.map(({ configMapRef }) =>
    ofKind(manifests, 'ConfigMap').find(({ metadata }) => metadata.name === configMapRef?.name),
  )
  const own = Object.fromEntries(env.map(({ name, value = '' }) => [name, value]))
  return Object.assign({}, ...maps.map((map) => map?.data), own) as Record<string, string>
}

/** What is wrong with the settings of containers, one sentence each. */
export function settingsViolations(
  containers: readonly Container[],
  manifests: readonly Manifest[],
): string[] {
  const names = ofKind(manifests, 'ConfigMap').map(({ metadata }) => metadata.name)
  const wanted = containers.flatMap(({ envFrom = [] }) =>
    envFrom.flatMap(({ configMapRef }) => configMapRef?.name ?? []),
  )
  return [
    ...(wanted.length === 0 ? ['has no settings'] : []),
    ...wanted
      .filter((name) => !names.includes(name))
      .map((name) => `its settings ${name} do not exist`),
    // Without a hash in the name, new settings make no new pods.
    ...wanted
      .filter((name) => !/-[a-z0-9]{10}$/.test(name))
      .map((name) => `is not rolled out when ${name} changes`),
    ...limitViolations(containers, manifests),
  ]
}

/** A backend sends the events of all customers of a shop from one address. */
function limitViolations(
  containers: readonly Container[],
  manifests: readonly Manifest[],
): string[] {
  return containers
    .filter(({ args }) => args?.[0] === 'ingest')
    .map((container) => settingsOf(container, manifests)['RATE_LIMIT_PER_MINUTE'] ?? '0')
    .filter((limit) => limit !== '0')
    .map((limit) => `refuses events of an address beyond ${limit} requests a minute`)
}
