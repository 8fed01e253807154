import { randomUUID } from 'node:crypto'
import type { Logger } from 'pino'
import type { Registry as MetricsRegistry } from 'prom-client'
import type { Clock } from '#engines/clock/port.ts'
import { EngineError } from '#engines/errors.ts'
import type { Log } from '#engines/log/port.ts'
import { type CrashHook, noCrash } from './crash-point.ts'
import { DeadLetters } from './dead-letters.ts'
import type { EventCodec } from './event-codec.ts'
import { type Delivery, ExactlyOnceStore } from './exactly-once-store.ts'
import { BATCH_LIMITS, type BatchLimits } from './open-batch.ts'
import { PaneWriter } from './pane-writer.ts'
import { PartitionTask, SNAPSHOT_INTERVAL_MS, type TaskContext } from './partition-task.ts'
import { PipelineMetrics } from './pipeline-metrics.ts'
import type { Projections, Topology } from './processor.ts'
import { retryForever } from './retry.ts'
import {
  type RetryingLease,
  type RetryingLog,
  retryingCodec,
  retryingLog,
  retryingTables,
} from './retrying.ts'
import type { SnapshotStore } from './snapshots.ts'

export interface RunnerOptions {
  readonly topology: Topology
  readonly log: Log
  readonly projections: Projections
  readonly codec: EventCodec
  readonly clock: Clock
  readonly snapshots: SnapshotStore
  readonly logger: Logger
  readonly metrics: MetricsRegistry
  readonly delivery?: Delivery
  readonly limits?: BatchLimits
  /** Least time between two snapshots of a partition; default 30 s. */
  readonly snapshotIntervalMs?: number
  readonly crashPoint?: CrashHook
}

/** A running group. Disposing drains it: batches in hand are finished, panes and snapshots written, leases given up. */
export interface RunningTopology extends AsyncDisposable {
  /** Rejects when a partition cannot go on; never resolves. */
  readonly failed: Promise<never>
}

/**
 * Runs a topology as one member of its consumer group: a task for each partition leased. Start it in several processes
 * and the partitions are shared out.
 */
export async function startTopology(options: RunnerOptions): Promise<RunningTopology> {
  const { topology } = options
  const logger = options.logger.child({ group: topology.group })
  const log = retryingLog(options.log, logger)
  const draining = new AbortController()
  const stopped = new AbortController()
  const context = contextOf({ ...options, logger }, log, draining.signal)
  const writing = context.paneWriter.run(stopped.signal)
  const working = new Set<Promise<void>>()
  const membership = await log.join({
    group: topology.group,
    topics: topology.topics,
    work: async (lease) => {
      const task = work(lease, context)
      working.add(task)
      await task.finally(() => working.delete(task))
    },
  })
  const failed = Promise.race([membership.failed, writing.then(() => new Promise<never>(() => {}))])
  failed.catch((error: unknown) => logger.error({ err: error }, 'processing stopped'))
  return {
    failed,
    async [Symbol.asyncDispose]() {
      // Drain first, give up the leases second; otherwise the next owner would repeat finished work.
      draining.abort()
      await Promise.allSettled(working)
      await membership[Symbol.asyncDispose]()
      stopped.abort()
      await writing
    },
  }
}

async function work(lease: RetryingLease, context: TaskContext): Promise<void> {
  try {
    await new PartitionTask(lease, context).run()
  } catch (error) {
    const isLost =
      lease.signal.aborted || (error instanceof EngineError && error.code === 'LEASE_LOST')
    if (!isLost) throw error
    const { topic, partition, epoch } = lease
    context.logger.info({ topic, partition, epoch }, 'lease lost; another member goes on')
  }
}

function contextOf(options: RunnerOptions, log: RetryingLog, draining: AbortSignal): TaskContext {
  const { topology, clock, logger, delivery = 'exactly-once', crashPoint = noCrash } = options
  const tables = retryingTables(options.projections.tables, logger)
  const metrics = new PipelineMetrics(options.metrics, topology.group)
  const { group, record, version } = topology
  const store =
    record === undefined
      ? undefined
      : new ExactlyOnceStore({ tables, record, version, delivery, crashPoint, logger })
  return {
    topology,
    tables,
    codec: retryingCodec(options.codec, logger),
    clock,
    snapshots: options.snapshots,
    paneWriter: new PaneWriter({
      group,
      tables,
      clock,
      onFresh: (age) => metrics.observeFreshness(age),
    }),
    deadLetters: new DeadLetters({ log, tables, clock }),
    store,
    project: projecting(options),
    limits: options.limits ?? BATCH_LIMITS,
    snapshotIntervalMs: options.snapshotIntervalMs ?? SNAPSHOT_INTERVAL_MS,
    metrics,
    newLineage: randomUUID,
    crashPoint,
    logger,
    draining,
  }
}

/** Each projection is repeated as a whole: what it read from one engine may be outdated when another is back. */
function projecting({ topology, projections, logger }: RunnerOptions): TaskContext['project'] {
  const retry = retryForever('tables, vectors or text model', logger)
  return async (events, signal) => {
    for (const projection of topology.projections)
      await retry(() => projection.apply(events, projections), signal)
  }
}
