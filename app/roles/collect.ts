import type { Engines } from '#app/engines/engines.ts'
import { collectorRouter } from '#ingest/http/collector-router.ts'
import { startOutboxReader } from '#ingest/outbox/outbox-reader.ts'
import { NEVER, type Role, type RoleContext } from './role.ts'

export const COLLECT_ENGINES = ['log', 'cache', 'registry'] as const

/** Events in: HTTP -> log, and the rows of a service's outbox, if there is one. */
export function startCollecting(
  { log, clock }: Engines<(typeof COLLECT_ENGINES)[number]>,
  { config, codec, logger, metrics }: RoleContext,
): Role {
  const { outboxUrl: url } = config
  const outbox =
    url === undefined ? undefined : startOutboxReader({ url, log, codec, clock, logger, metrics })
  return {
    routers: [collectorRouter({ log, codec, clock, logger, metrics })],
    probes: [],
    failed: outbox?.failed ?? NEVER,
    async [Symbol.asyncDispose]() {
      await outbox?.[Symbol.asyncDispose]()
    },
  }
}
