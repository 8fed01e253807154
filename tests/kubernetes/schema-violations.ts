import type { Manifest } from './manifest.ts'

/** The package with the models of an API group; the others are those of Kubernetes itself. */
const PACKAGES: Readonly<Record<string, string>> = {
  'gateway.networking.k8s.io': '@kubernetes-models/gateway-api',
  'keda.sh': '@kubernetes-models/keda',
  'external-secrets.io': '@kubernetes-models/external-secrets',
  'monitoring.coreos.com': '@kubernetes-models/prometheus-operator',
}

interface Model {
  /** @throws Error that says what the schema does not allow */
  validate(): void
}
type ModelClass = new (manifest: Manifest) => Model

/** What the schema of its kind refuses in a manifest, unknown keys included, one sentence each. */
export async function schemaViolations(manifest: Manifest): Promise<readonly string[]> {
  const { kind, metadata } = manifest
  const name = `${kind} ${metadata.name}`
  const Kind = await modelOf(manifest)
  if (Kind === undefined) return [`${name}: ${manifest.apiVersion} has no such kind`]
  const model = new Kind(manifest)
  const read = new Map<object, Set<string>>()
  const invalid: string[] = []
  try {
    watched(model, read).validate()
  } catch (error) {
    invalid.push(`${name}: ${(error as Error).message}`)
  }
  return [...invalid, ...unknownKeys(model, read, '').map((path) => `${name}: unknown key ${path}`)]
}

async function modelOf({ apiVersion, kind }: Manifest): Promise<ModelClass | undefined> {
  const [group = ''] = apiVersion.split('/')
  const models = PACKAGES[group] ?? 'kubernetes-models'
  try {
    const module = (await import(`${models}/${apiVersion}/${kind}`)) as Record<string, ModelClass>
    return module[kind]
  } catch {
    return undefined
  }
}

/**
 * A validator reads each key that it knows and silently ignores the rest, so a key that it has not read is unknown. Of a map
 * it reads all keys.
 */
function watched<T extends object>(value: T, read: Map<object, Set<string>>): T {
  const keys = new Set<string>()
  read.set(value, keys)
  const seen = new Map<object, object>()
  return new Proxy(value, {
    get(target, key): unknown {
      if (typeof key === 'string') keys.add(key)
      const child: unknown = Reflect.get(target, key)
      if (typeof child !== 'object' || child === null) return child
      const proxy = seen.get(child) ?? watched(child, read)
      seen.set(child, proxy)
      return proxy
    },
    ownKeys(target) {
      const all = Reflect.ownKeys(target)
      for (const key of all) keys.add(String(key))
      return all
    },
  })
}

function unknownKeys(value: object, read: Map<object, Set<string>>, path: string): string[] {
  const known = read.get(value)
  return Object.entries(value).flatMap(([key, child]: [string, unknown]) => {
    const at = `${path}/${key}`
    if (!Array.isArray(value) && known?.has(key) !== true) return [at]
    return typeof child === 'object' && child !== null ? unknownKeys(child, read, at) : []
  })
}
