import { join } from 'node:path'
import type { Logger } from 'pino'
import type { Cache } from '#engines/cache/port.ts'
import type { Clock } from '#engines/clock/port.ts'
import { folderOf, isEmbedded } from '#engines/embedded-url.ts'
import type { Registry } from '#engines/registry/port.ts'
import type { EngineTypes } from './engines.ts'

/** The engines that a URL chooses. */
export type SwitchableEngine = Exclude<keyof EngineTypes, 'model'>

/** What every adapter gets; it uses what concerns it. */
interface AdapterOptions {
  readonly url: string
  readonly clock: Clock
  readonly logger: Logger
  readonly tablesMemoryBytesMax: number
  readonly cacheEntriesMax: number
}

type Open<Port> = (options: AdapterOptions) => Promise<Port>

const openRedis: Open<Cache> = async (options) =>
  (await import('#engines/cache/redis/redis-cache.ts')).openRedisCache(options)
const openConfluent: Open<Registry> = async (options) =>
  (await import('#engines/registry/confluent/confluent-registry.ts')).openConfluentRegistry(options)

/**
 * The adapters of each engine, by URL scheme: a further server is its folder and an entry here. They are loaded when they
 * are opened, because an image need not have them all.
 */
const ADAPTERS: {
  readonly [K in SwitchableEngine]: Readonly<Record<string, Open<EngineTypes[K]>>>
} = {
  log: {
    'embedded:': async ({ url, ...rest }) =>
      (await import('#engines/log/embedded/embedded-log.ts')).openEmbeddedLog({
        folder: folderOf(url),
        ...rest,
      }),
    'kafka:': async (options) =>
      (await import('#engines/log/kafka/kafka-log.ts')).openKafkaLog(options),
  },
  tables: {
    'embedded:': async ({ url, logger, tablesMemoryBytesMax }) =>
      (await import('#engines/tables/embedded/embedded-tables.ts')).openEmbeddedTables({
        folder: folderOf(url),
        logger,
        memoryBytesMax: tablesMemoryBytesMax,
      }),
    'clickhouse:': async (options) =>
      (await import('#engines/tables/clickhouse/clickhouse-tables.ts')).openClickHouseTables(
        options,
      ),
  },
  vectors: {
    'embedded:': async ({ url, ...rest }) =>
      (await import('#engines/vectors/embedded/embedded-vectors.ts')).openEmbeddedVectors({
        folder: folderOf(url),
        ...rest,
      }),
    'qdrant:': async (options) =>
      (await import('#engines/vectors/qdrant/qdrant-vectors.ts')).openQdrantVectors(options),
  },
  cache: {
    'embedded:': async ({ clock, cacheEntriesMax }) =>
      (await import('#engines/cache/embedded/embedded-cache.ts')).openEmbeddedCache({
        maxEntries: cacheEntriesMax,
        clock,
      }),
    'redis:': openRedis,
    'rediss:': openRedis,
    'redis-cluster:': openRedis,
  },
  registry: {
    'embedded:': async ({ url }) =>
      (await import('#engines/registry/embedded/embedded-registry.ts')).openEmbeddedRegistry({
        file: join(folderOf(url), 'schemas.json'),
      }),
    'http:': openConfluent,
    'https:': openConfluent,
  },
}

/** How the URLs of an engine may begin: `embedded:`, `kafka://`. */
export function urlForms(engine: SwitchableEngine): readonly string[] {
  return Object.keys(ADAPTERS[engine]).map((scheme) => {
    return isEmbedded(scheme) ? scheme : `${scheme}//`
  })
}

/**
 * Loads the adapter that the URL chooses, and opens it. A server that does not answer is no failure yet: the first call on
 * the port is.
 * @throws EngineError ENGINE_REFUSED for a URL that is wrong; of an embedded engine also DATA_FOLDER_IN_USE,
 *   ENGINE_CORRUPT, ENGINE_UNAVAILABLE
 */
export async function openEngine<K extends SwitchableEngine>(
  engine: K,
  options: AdapterOptions,
): Promise<EngineTypes[K]> {
  const { url } = options
  const open = ADAPTERS[engine][url.slice(0, url.indexOf(':') + 1)]
  if (open === undefined) throw new RangeError(`${engine} has no adapter for such a URL`)
  return open(options)
}
