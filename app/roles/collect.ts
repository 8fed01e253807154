import type { Engines } from '#app/engines/engines.ts'
import { collectorRouter } from '#ingest/http/collector-router.ts'
import { NEVER, type Role, type RoleContext } from './role.ts'

export const COLLECT_ENGINES = ['log', 'cache', 'registry'] as const

/** Events in: HTTP -> log. */
export function startCollecting(
  { log, clock }: Engines<(typeof COLLECT_ENGINES)[number]>,
  { codec, logger, metrics }: RoleContext,
): Role {
  return {
    routers: [collectorRouter({ log, codec, clock, logger, metrics })],
    probes: [],
    failed: NEVER,
    async [Symbol.asyncDispose]() {},
  }
}
