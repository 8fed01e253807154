import type { Engines } from '#app/engines/engines.ts'
import { collectorEndpoints } from '#ingest/http/collector-routes.ts'
import { readOutbox } from './read-outbox.ts'
import { NEVER, type Role, type RoleContext } from './role.ts'

export const COLLECT_ENGINES = ['log', 'cache', 'registry'] as const

/** Events in: HTTP -> log, and the rows of the services' outbox, if there is one. */
export async function startCollecting(
  engines: Engines<(typeof COLLECT_ENGINES)[number]>,
  context: RoleContext,
): Promise<Role> {
  const outbox = await readOutbox(engines, context)
  return {
    endpoints: collectorEndpoints({ ...engines, ...context }),
    probes: [],
    failed: outbox?.failed ?? NEVER,
    async [Symbol.asyncDispose]() {
      await outbox?.[Symbol.asyncDispose]()
    },
  }
}
