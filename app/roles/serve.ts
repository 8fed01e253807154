import type { Engines } from '#app/engines/engines.ts'
import { clientAddress } from '#app/http/client-address.ts'
import { FACTS, TOPOLOGIES } from '#processors/topologies.ts'
import { startLiveRecommender } from '#recommender/live/start-live-recommender.ts'
import { serve } from '#serving/http/serving-routes.ts'
import type { Role, RoleContext } from './role.ts'

export const SERVE_ENGINES = ['log', 'tables', 'vectors', 'cache', 'registry'] as const

interface ServingRole extends Role {
  /** Resolves when the recommender has learned what the tables hold; it answers before. */
  readonly learned: Promise<void>
}

/** Answers out: recommendations, trends, the live page. Its recommender learns from the log by itself. */
export function startServing(
  engines: Engines<(typeof SERVE_ENGINES)[number]>,
  { codec, logger, metrics }: RoleContext,
): ServingRole {
  const { clock, log, tables, vectors, cache } = engines
  const live = startLiveRecommender({
    tables,
    log,
    codec,
    vectors,
    clock,
    random: Math.random,
    logger,
    tableGroups: TOPOLOGIES,
  })
  const serving = serve({
    log,
    tables,
    cache,
    recommendations: live.recommender,
    clock,
    logger,
    metrics,
    archiveGroup: FACTS.group,
    clientAddress,
  })
  return {
    endpoints: serving.endpoints,
    probes: [{ name: 'recommender', ping: () => live.ping() }],
    learned: live.learned,
    failed: live.failed,
    endStreams: () => serving.close(),
    [Symbol.asyncDispose]: () => live[Symbol.asyncDispose](),
  }
}
