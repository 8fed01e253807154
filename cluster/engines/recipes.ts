import type { EngineName } from '#cluster/running-engines.ts'
import type { EngineRecipe } from './engine-recipe.ts'
import { KAFKA } from './kafka.ts'
import { POSTGRES } from './postgres.ts'
import { REDIS } from './redis.ts'
import { REGISTRY } from './registry.ts'
import { CLICKHOUSE, QDRANT } from './stand-ins.ts'

/** How to have each engine. */
export const RECIPES: Readonly<Record<EngineName, EngineRecipe>> = {
  kafka: KAFKA,
  registry: REGISTRY,
  redis: REDIS,
  postgres: POSTGRES,
  clickhouse: CLICKHOUSE,
  qdrant: QDRANT,
}
