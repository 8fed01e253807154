import type { ServerName } from '../running-servers.ts'
import { KAFKA } from './kafka.ts'
import { POSTGRES } from './postgres.ts'
import { REDIS } from './redis.ts'
import { REGISTRY } from './registry.ts'
import type { ServerRecipe } from './server-recipe.ts'
import { CLICKHOUSE, QDRANT } from './stand-ins.ts'

/** The recipe of each server. */
export const RECIPES: Readonly<Record<ServerName, ServerRecipe>> = {
  kafka: KAFKA,
  registry: REGISTRY,
  redis: REDIS,
  postgres: POSTGRES,
  clickhouse: CLICKHOUSE,
  qdrant: QDRANT,
}
