import type { RunningServer, ServerName } from '../running-servers.ts'

/** The servers that Freshet needs; PostgreSQL belongs to the shop. */
export const INSTANCE_SERVERS = [
  'kafka',
  'registry',
  'redis',
  'clickhouse',
  'qdrant',
] as const satisfies readonly ServerName[]

/** Freshet's settings for these servers. */
export function instanceSettings(
  servers: Readonly<Record<(typeof INSTANCE_SERVERS)[number], Pick<RunningServer, 'url'>>>,
): Record<string, string> {
  return {
    LOG_URL: servers.kafka.url,
    REGISTRY_URL: servers.registry.url,
    CACHE_URL: servers.redis.url,
    TABLES_URL: servers.clickhouse.url,
    VECTORS_URL: servers.qdrant.url,
  }
}
