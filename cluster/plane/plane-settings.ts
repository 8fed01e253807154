import type { EngineName, RunningEngine } from '#cluster/running-engines.ts'

/** The engines that a plane runs on; PostgreSQL belongs to the shop. */
export const PLANE_ENGINES = [
  'kafka',
  'registry',
  'redis',
  'clickhouse',
  'qdrant',
] as const satisfies readonly EngineName[]

/** The environment that lets a process of Freshet find its engines. */
export function planeSettings(
  engines: Readonly<Record<(typeof PLANE_ENGINES)[number], Pick<RunningEngine, 'url'>>>,
): Record<string, string> {
  return {
    LOG_URL: engines.kafka.url,
    REGISTRY_URL: engines.registry.url,
    CACHE_URL: engines.redis.url,
    TABLES_URL: engines.clickhouse.url,
    VECTORS_URL: engines.qdrant.url,
  }
}
