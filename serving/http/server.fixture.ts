import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import express, { type ErrorRequestHandler } from 'express'
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
import { PROBLEM_KINDS, ProblemError } from '#schemas/http/problem.ts'
import type { RecommendationService } from '#schemas/http/recommendations.ts'
import { TOPIC_NAMES, TOPICS } from '#schemas/topics.ts'
import type { LiveLimits } from '../live/live-hub.ts'
import type { EngineProbe } from './health-routes.ts'
import { healthRoutes } from './health-routes.ts'
import { testRecommendations } from './recommendations.fixture.ts'
import { type ServingDeps, servingRouter } from './serving-router.ts'

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

/** Serving over real embedded engines in a folder of its own, behind a server that writes problems as the app does. */
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
  const health = healthRoutes({ engines, metrics, now: () => clock.now() })
  const { router, close: closeServing } = servingRouter({
    log,
    tables,
    cache,
    clock,
    recommendations: options.recommendations ?? testRecommendations(['u17850', 'u13047']),
    logger: pino({ level: 'silent' }),
    metrics,
    archiveGroup: ARCHIVE_GROUP,
    clientAddress: options.clientAddress ?? ((request) => request.ip ?? ''),
    ...(options.liveLimits !== undefined && { liveLimits: options.liveLimits }),
  })
  const server = createServer(express().use(health, router).use(writeProblem))
  await new Promise<void>((resolve) =>
    server.listen(options.port ?? 0, '127.0.0.1', () => resolve()),
  )
  const close = async () => {
    await closeServing()
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

const writeProblem: ErrorRequestHandler = (error: unknown, request, response, _next) => {
  const problem =
    error instanceof ProblemError ? error : new ProblemError('internal-error', String(error))
  const { status, title } = PROBLEM_KINDS[problem.kind]
  const { errors, members, retryAfterSeconds } = problem.extras
  if (retryAfterSeconds !== undefined) response.set('Retry-After', String(retryAfterSeconds))
  response.status(status).type('application/problem+json')
  const type = `/docs/errors/${problem.kind}.md`
  const instance = request.originalUrl
  response.send(
    JSON.stringify({ type, title, status, detail: problem.message, instance, errors, ...members }),
  )
}
