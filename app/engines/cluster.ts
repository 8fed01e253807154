import type { Adapters } from './engines.ts'

/** Servers that many processes share. */
export const CLUSTER: Adapters = {
  async log(url, { clock, logger }) {
    const { openKafkaLog } = await import('#engines/log/kafka/kafka-log.ts')
    return openKafkaLog({ url, clock, logger })
  },
  async tables(url, { logger }) {
    const { openClickHouseTables } = await import('#engines/tables/clickhouse/clickhouse-tables.ts')
    return openClickHouseTables({ url, logger })
  },
  async vectors(url, { logger }) {
    const { openQdrantVectors } = await import('#engines/vectors/qdrant/qdrant-vectors.ts')
    return openQdrantVectors({ url, logger })
  },
  async cache(url, { logger }) {
    const { openRedisCache } = await import('#engines/cache/redis/redis-cache.ts')
    return openRedisCache({ url, logger })
  },
  async registry(url, { logger }) {
    const { openConfluentRegistry } = await import(
      '#engines/registry/confluent/confluent-registry.ts'
    )
    return openConfluentRegistry({ url, logger })
  },
}
