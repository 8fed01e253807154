import type { Logger } from 'pino'
import { collectDefaultMetrics, Registry } from 'prom-client'
import { collectorRouter } from '#ingest/http/collector-router.ts'
import type { Delivery } from '#pipeline/exactly-once-store.ts'
import type { Probe } from '#pipeline/probe.ts'
import { type RunningTopology, startTopology } from '#pipeline/runner.ts'
import { FolderSnapshots } from '#pipeline/snapshots.ts'
import { FACTS, TOPOLOGIES } from '#processors/topologies.ts'
import { startLiveRecommender } from '#recommender/live/start-live-recommender.ts'
import { servingRouter } from '#serving/http/serving-router.ts'
import type { Config } from './config.ts'
import { checkDataFolder } from './data-folder.ts'
import { openEmbeddedEngines } from './engines/embedded.ts'
import type { Engines } from './engines/engines.ts'
import { startHttpServer } from './http/http-server.ts'
import { prepareEngines } from './prepare-engines.ts'

/** Freshet at work. Disposing drains it: what was accepted is processed or left in the log, state is saved. */
export interface Plane extends AsyncDisposable {
  readonly url: string
  readonly engines: Engines
  /** Resolves when the recommender has learned what the tables hold; all else is there before. */
  readonly learned: Promise<void>
  /** Rejects when a part of it cannot go on; never resolves. */
  readonly failed: Promise<never>
}

interface PlaneOptions {
  readonly config: Config
  readonly logger: Logger
  /** For the crash test and its negative control; see the options of the runner. */
  readonly delivery?: Delivery
  readonly probe?: Probe
  readonly snapshotIntervalMs?: number
}

/**
 * The whole path in one process: HTTP in -> log -> processors -> tables and vectors -> recommendations, trends and the
 * live page out. Resolves when it answers. @throws ConfigError, EngineError with one sentence that says what to do
 */
export async function startPlane({ config, logger, ...experiment }: PlaneOptions): Promise<Plane> {
  await using starting = new AsyncDisposableStack()
  await checkDataFolder(config.dataFolder)
  const engines = starting.use(await openEmbeddedEngines(config, logger))
  const codec = await prepareEngines(engines)
  const { clock, log, tables, vectors, cache, registry, model } = engines
  const metrics = new Registry()
  collectDefaultMetrics({ register: metrics })

  const snapshots = new FolderSnapshots(config.folders.snapshots, (file) =>
    logger.warn({ file }, 'snapshot is damaged; the state is built again from the log'),
  )
  const running: RunningTopology[] = []
  for (const topology of TOPOLOGIES) {
    const projections = { tables, vectors, model }
    const shared = { log, projections, codec, clock, snapshots, logger, metrics }
    running.push(starting.use(await startTopology({ topology, ...shared, ...experiment })))
  }
  const live = starting.use(
    startLiveRecommender({
      tables,
      log,
      codec,
      vectors,
      clock,
      random: Math.random,
      logger,
      tableGroups: TOPOLOGIES,
    }),
  )

  const serving = servingRouter({
    log,
    tables,
    cache,
    recommendations: live.recommender,
    clock,
    logger,
    metrics,
    engines: [
      { name: 'log', ping: () => log.ping() },
      { name: 'tables', ping: () => tables.ping() },
      { name: 'vectors', ping: () => vectors.ping() },
      { name: 'cache', ping: () => cache.ping() },
      { name: 'registry', ping: () => registry.ping() },
      { name: 'recommender', ping: () => live.ping() },
    ],
    archiveGroup: FACTS.group,
  })
  const collector = collectorRouter({ log, codec, clock, logger, metrics })
  const { host, port } = config
  const routers = [collector, serving.router]
  const server = starting.use(await startHttpServer({ host, port, routers, logger }))
  starting.defer(() => serving.close())
  const started = starting.move()
  return {
    url: server.url,
    engines,
    learned: live.learned,
    failed: Promise.race([live.failed, ...running.map(({ failed }) => failed)]),
    [Symbol.asyncDispose]: () => started.disposeAsync(),
  }
}
