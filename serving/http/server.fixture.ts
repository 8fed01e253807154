import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pino from 'pino'
import { Registry } from 'prom-client'
import { openEmbeddedCache } from '#engines/cache/embedded/embedded-cache.ts'
import type { Clock } from '#engines/clock/port.ts'
import { systemClock } from '#engines/clock/system-clock.ts'
import { openEmbeddedLog } from '#engines/log/embedded/embedded-log.ts'
import type { Log } from '#engines/log/port.ts'
import { openEmbeddedTables } from '#engines/tables/embedded/embedded-tables.ts'
import { loadMigrations } from '#engines/tables/migrations.ts'
import type { Tables } from '#engines/tables/port.ts'
import { answersHeldTo } from '#http/answers-held-to.fixture.ts'
import { httpApp } from '#http/http-app.ts'
import type { RecommendationService } from '#schemas/http/recommendations.ts'
import { TOPIC_NAMES, TOPICS } from '#schemas/topics.ts'
import type { LiveLimits } from '../live/live-hub.ts'
import type { EngineProbe } from './health-routes.ts'
import { healthEndpoints } from './health-routes.ts'
import { testRecommendations } from './recommendations.fixture.ts'
import { type ServingDeps, serve } from './serving-routes.ts'

export const ARCHIVE_GROUP = 'freshet.test'
const MIGRATIONS = new URL('../../schemas/tables', import.meta.url)

interface TestServerOptions {
  readonly clock?: Clock
  readonly recommendations?: RecommendationService
  readonly engines?: readonly EngineProbe[]
  readonly liveLimits?: LiveLimits
  readonly clientAddress?: ServingDeps['clientAddress']
  readonly port?: number
}

export interface TestServer extends AsyncDisposable {
  readonly url: string
  readonly log: Log
  readonly tables: Tables
  /** As the application does on shutdown: the streams, then the server. */
  readonly close: () => Promise<void>
}

/** Serving over real embedded engines in a folder of its own, behind the app that a process has; disposing throws when an answer was not as documented. */
export async function openTestServer(options: TestServerOptions = {}): Promise<TestServer> {
  const { clock = systemClock } = options
  await using opening = new AsyncDisposableStack()
  const folder = await mkdtemp(join(tmpdir(), 'freshet-serving-'))
  opening.defer(() => rm(folder, { recursive: true, force: true }))
  const tables = opening.use(await openEmbeddedTables({ folder: join(folder, 'tables') }))
  await tables.migrate(await loadMigrations(MIGRATIONS))
  const log = opening.use(
    await openEmbeddedLog({ folder: join(folder, 'log'), clock: systemClock }),
  )
  await log.createTopics(
    TOPIC_NAMES.map((name) => {
      const { partitions, compacted } = TOPICS[name]
      return { name, partitions, compacted }
    }),
  )
  const cache = opening.use(openEmbeddedCache({ maxEntries: 100, clock }))

  const metrics = new Registry()
  const engines = options.engines ?? [{ name: 'tables', ping: () => tables.ping() }]
  const health = healthEndpoints({ engines, metrics, now: () => clock.now() })
  const logger = pino({ level: 'silent' })
  const serving = serve({
    log,
    tables,
    cache,
    clock,
    recommendations: options.recommendations ?? testRecommendations(['u17850', 'u13047']),
    logger,
    metrics,
    archiveGroup: ARCHIVE_GROUP,
    clientAddress: options.clientAddress ?? ((request) => request.ip ?? ''),
    ...(options.liveLimits !== undefined && { liveLimits: options.liveLimits }),
  })
  const endpoints = [...health, ...serving.endpoints]
  const answers = opening.use(answersHeldTo(endpoints))
  const server = createServer(httpApp({ endpoints, logger, watch: answers.watch }))
  await new Promise<void>((resolve) =>
    server.listen(options.port ?? 0, '127.0.0.1', () => resolve()),
  )
  const close = async () => {
    await serving.close()
    await new Promise((resolve) => {
      server.close(resolve)
      server.closeIdleConnections()
    })
  }
  opening.defer(async () => {
    if (server.listening) await close()
  })
  const { port } = server.address() as AddressInfo
  const closing = opening.move()
  return {
    url: `http://127.0.0.1:${port}`,
    log,
    tables,
    close,
    [Symbol.asyncDispose]: () => closing.disposeAsync(),
  }
}
