import { join } from 'node:path'
import type { Logger } from 'pino'
import type { Engines } from '#app/engines/engines.ts'
import { isEmbedded } from '#engines/embedded-url.ts'
import { writableCollections } from '#items/collections.ts'
import { CacheSnapshots } from '#pipeline/cache-snapshots.ts'
import type { CrashHook } from '#pipeline/crash-point.ts'
import type { Delivery } from '#pipeline/exactly-once-store.ts'
import { BATCH_LIMITS } from '#pipeline/open-batch.ts'
import { type RunningTopology, startTopology } from '#pipeline/runner.ts'
import { FolderSnapshots, type SnapshotStore } from '#pipeline/snapshots.ts'
import { TOPOLOGIES } from '#processors/topologies.ts'
import type { Role, RoleContext } from './role.ts'

export const PROCESS_ENGINES = ['log', 'tables', 'vectors', 'cache', 'registry', 'model'] as const

/** For the crash test and its negative control; see the options of the runner. */
export interface Experiment {
  readonly delivery?: Delivery
  readonly crashPoint?: CrashHook
  readonly snapshotIntervalMs?: number
}

/** Log -> tables and vectors, as one member of each consumer group: more processes share the partitions. */
export async function startProcessing(
  engines: Engines<(typeof PROCESS_ENGINES)[number]>,
  { config, codec, logger, metrics }: RoleContext,
  experiment: Experiment = {},
): Promise<Role> {
  await using starting = new AsyncDisposableStack()
  const { clock, log, tables, vectors, model } = engines
  const shared = {
    log,
    projections: { tables, vectors, model },
    codec,
    clock,
    snapshots: snapshotStore(engines, config, logger),
    logger,
    metrics,
  }
  const running: RunningTopology[] = []
  for (const topology of TOPOLOGIES) {
    const intervalMs =
      topology.record === undefined ? BATCH_LIMITS.intervalMs : config.storeIntervalMs
    const limits = { ...BATCH_LIMITS, intervalMs }
    running.push(starting.use(await startTopology({ topology, limits, ...shared, ...experiment })))
  }
  void warnOfOtherModel(engines, logger)
  const started = starting.move()
  return {
    endpoints: [],
    probes: [],
    failed: Promise.race(running.map(({ failed }) => failed)),
    [Symbol.asyncDispose]: () => started.disposeAsync(),
  }
}

/** Rows are stored all the same; vectors wait until there is a collection of this model. */
async function warnOfOtherModel(
  { vectors, model: { space } }: Pick<Engines, 'vectors' | 'model'>,
  logger: Logger,
): Promise<void> {
  const collections = await writableCollections(vectors, space).catch(() => undefined)
  if (collections?.length !== 0) return
  logger.warn({ space }, 'the vectors that are served are of another model: run `freshet reindex`')
}

/** In the data folder where the cache is embedded; else in the cache, which several processes share. */
function snapshotStore(
  { cache }: Pick<Engines, 'cache'>,
  { urls, dataFolder }: RoleContext['config'],
  logger: Logger,
): SnapshotStore {
  if (!isEmbedded(urls.cache)) return new CacheSnapshots({ cache, logger })
  return new FolderSnapshots(join(dataFolder, 'snapshots'), (file) =>
    logger.warn({ file }, 'snapshot is damaged; the state is built again from the log'),
  )
}
