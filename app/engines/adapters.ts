import type { Adapter } from '#engines/adapter.ts'
import { isEmbedded } from '#engines/embedded-url.ts'
import type { EngineTypes } from './engines.ts'

/** The engines that a URL chooses. */
export type SwitchableEngine = Exclude<keyof EngineTypes, 'model'>

/**
 * The adapters of each engine, by URL scheme: a further server is its folder and a line here. They are loaded when they
 * are opened, because an image need not have them all.
 */
const ADAPTERS: {
  readonly [K in SwitchableEngine]: Readonly<Record<string, () => Promise<Adapter<EngineTypes[K]>>>>
} = {
  log: {
    'embedded:': () => import('#engines/log/embedded/adapter.ts'),
    'kafka:': () => import('#engines/log/kafka/adapter.ts'),
  },
  tables: {
    'embedded:': () => import('#engines/tables/embedded/adapter.ts'),
    'clickhouse:': () => import('#engines/tables/clickhouse/adapter.ts'),
  },
  vectors: {
    'embedded:': () => import('#engines/vectors/embedded/adapter.ts'),
    'qdrant:': () => import('#engines/vectors/qdrant/adapter.ts'),
  },
  cache: {
    'embedded:': () => import('#engines/cache/embedded/adapter.ts'),
    'redis:': () => import('#engines/cache/redis/adapter.ts'),
    'rediss:': () => import('#engines/cache/redis/adapter.ts'),
    'redis-cluster:': () => import('#engines/cache/redis/adapter.ts'),
  },
  registry: {
    'embedded:': () => import('#engines/registry/embedded/adapter.ts'),
    'http:': () => import('#engines/registry/confluent/adapter.ts'),
    'https:': () => import('#engines/registry/confluent/adapter.ts'),
  },
}

/** How the URLs of an engine may begin: `embedded:`, `kafka://`. */
export function urlForms(engine: SwitchableEngine): readonly string[] {
  return Object.keys(ADAPTERS[engine]).map((scheme) => {
    return isEmbedded(scheme) ? scheme : `${scheme}//`
  })
}

/** Loads the adapter that the URL chooses. */
export async function adapterAt<K extends SwitchableEngine>(
  engine: K,
  url: string,
): Promise<Adapter<EngineTypes[K]>> {
  const load = ADAPTERS[engine][url.slice(0, url.indexOf(':') + 1)]
  if (load === undefined) throw new RangeError(`${engine} has no adapter for such a URL`)
  return load()
}
