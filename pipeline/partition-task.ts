import { setImmediate } from 'node:timers/promises'
import type { Logger } from 'pino'
import type { Clock } from '#engines/clock/port.ts'
import type { LogRecord } from '#engines/log/port.ts'
import type { TopicName } from '#schemas/topics.ts'
import { classify } from './classify.ts'
import type { CrashHook } from './crash-point.ts'
import { DeadLetterRate, type DeadLetters } from './dead-letters.ts'
import type { ExactlyOnceStore } from './exactly-once-store.ts'
import { type CommitNote, readNote, writeNote } from './intent.ts'
import { repairLatePanes } from './late-repair.ts'
import type { LowWater, ReplayPoint } from './low-water.ts'
import { type BatchLimits, OpenBatch } from './open-batch.ts'
import type { PaneWriter } from './pane-writer.ts'
import { PartitionReader } from './partition-reader.ts'
import { PartitionState } from './partition-state.ts'
import type { PipelineMetrics } from './pipeline-metrics.ts'
import type { ClassifiedEvent, Topology } from './processor.ts'
import type { RetryingCodec, RetryingLease, RetryingTables } from './retrying.ts'
import type { SnapshotKey, SnapshotStore } from './snapshots.ts'

export const SNAPSHOT_INTERVAL_MS = 30_000
export const SNAPSHOT_RECORDS = 1_000_000
/** Late events gather for this long before their panes are computed again. */
export const REPAIR_INTERVAL_MS = 1_000

const IDLE_WAIT_MS = 1_000

/** What all partitions of a group share. */
export interface TaskContext {
  readonly topology: Topology
  readonly tables: RetryingTables
  readonly codec: RetryingCodec
  readonly clock: Clock
  readonly snapshots: SnapshotStore
  readonly paneWriter: PaneWriter
  readonly deadLetters: DeadLetters
  /** Undefined when the topology stores no records. */
  readonly store: ExactlyOnceStore | undefined
  /** Applies the events to all projections; waits for the engines that these need. */
  readonly project: (events: readonly ClassifiedEvent[], signal: AbortSignal) => Promise<void>
  readonly limits: BatchLimits
  readonly snapshotIntervalMs: number
  readonly metrics: PipelineMetrics
  readonly newLineage: () => string
  readonly crashPoint: CrashHook
  readonly logger: Logger
  /** Aborts when the group is to finish the batches in hand and stop. */
  readonly draining: AbortSignal
}

/** Processes one partition for as long as its lease holds: recover, then batch after batch. */
export class PartitionTask {
  readonly #lease: RetryingLease
  readonly #context: TaskContext
  readonly #reader: PartitionReader
  readonly #key: SnapshotKey
  readonly #deadLetterRate = new DeadLetterRate()
  readonly #topic: TopicName
  /** What stood beside the commit when the lease was taken. */
  readonly #note: CommitNote
  #state: PartitionState
  #batch: OpenBatch | undefined
  #storedAt = 0
  #repairAt = 0
  #snapshotAt = 0
  #snapshotOffset = 0
  #saving: Promise<void> | undefined

  constructor(lease: RetryingLease, context: TaskContext) {
    const { topology } = context
    this.#lease = lease
    this.#context = context
    this.#topic = lease.topic as TopicName
    this.#reader = new PartitionReader(lease)
    const { metadata, offset } = lease.committed
    this.#note = readNote(metadata, offset, context.newLineage)
    this.#key = {
      group: topology.group,
      // A state that grew from other records is as useless as one of other processors.
      version: `${topology.version}/${this.#note.low.lineage}`,
      topic: lease.topic,
      partition: lease.partition,
    }
    this.#state = this.#emptyState(this.#note.low)
  }

  /** Resolves when drained. @throws the reason of the lease's signal when it was lost; errors that are not retriable */
  async run(): Promise<void> {
    const { paneWriter, draining, snapshotIntervalMs } = this.#context
    try {
      await this.#recover()
      while (!draining.aborted) {
        await this.#readNext()
        if (this.#batch !== undefined && this.#waitMs() > 0) continue
        await this.#store()
        await this.#repairLate(REPAIR_INTERVAL_MS)
        this.#snapshot(snapshotIntervalMs)
      }
      await this.#store()
      await this.#repairLate(0)
      await paneWriter.flush()
      await this.#saving
      this.#snapshot(0)
    } finally {
      paneWriter.remove(this.#state)
      await this.#saving
    }
  }

  /** Builds the state up to the committed offset, and completes the batch in doubt, if there is one. */
  async #recover(): Promise<void> {
    const { store, snapshots, paneWriter, clock, logger } = this.#context
    const committed = this.#lease.committed.offset
    const startedAt = clock.now()
    const { low, inDoubt } = this.#note
    const snapshot = await snapshots.load(this.#key)
    const isUsable = snapshot !== undefined && snapshot.offset <= committed
    this.#state = isUsable
      ? new PartitionState(this.#source, this.#context.topology.windows, snapshot)
      : this.#emptyState(low)
    const start = this.#state.offset
    const end = inDoubt?.end ?? committed
    const storedAt = await store?.storedFlags(this.#lease, start, committed, end)
    for await (const records of this.#reader.range(start, committed)) {
      await classify(records, this.#state, this.#classifying, storedAt)
      await setImmediate()
    }
    this.#state.skipTo(committed)
    if (!isUsable) this.#state.recountClosed()
    if (inDoubt !== undefined) {
      const records: LogRecord[] = []
      for await (const piece of this.#reader.range(committed, end)) records.push(...piece)
      const { events, dead } = await classify(records, this.#state, this.#classifying, storedAt)
      await this.#context.deadLetters.write(this.#source, dead)
      this.#state.skipTo(end)
      await store?.resolve(
        this.#lease,
        inDoubt,
        { start: committed, end, events },
        this.#replayPoint,
      )
    }
    paneWriter.add(this.#state)
    const { topic, partition, epoch } = this.#lease
    logger.debug(
      { topic, partition, epoch, from: start, offset: end, tookMs: clock.now() - startedAt },
      'took partition over',
    )
  }

  /** Classifies what comes, if anything does before the open batch is due: panes show it at once. */
  async #readNext(): Promise<void> {
    const { limits, draining, clock } = this.#context
    const { offset } = this.#state
    const room = this.#batch?.room(limits) ?? limits
    const records = await this.#reader.next(offset, { ...room, waitMs: this.#waitMs() }, draining)
    this.#lease.signal.throwIfAborted()
    if (records.length === 0) return
    this.#batch ??= new OpenBatch(offset, this.#replayPoint, clock.now())
    this.#batch.add(records, await classify(records, this.#state, this.#classifying))
  }

  /** How long until the open batch is to be stored; how long to wait for one, when there is none. */
  #waitMs(): number {
    const { limits, clock } = this.#context
    if (this.#batch === undefined) return IDLE_WAIT_MS
    const { maxRecords, maxBytes } = this.#batch.room(limits)
    if (maxRecords <= 0 || maxBytes <= 0) return 0
    return Math.max(0, this.#storedAt + limits.intervalMs - clock.now())
  }

  async #store(): Promise<void> {
    const { deadLetters, clock, metrics } = this.#context
    const batch = this.#batch
    if (batch === undefined) return
    await deadLetters.write(this.#source, batch.dead)
    await this.#deliver(batch)
    this.#batch = undefined
    this.#storedAt = clock.now()
    const { events, dead, records, since } = batch
    const seconds = (this.#storedAt - since) / 1_000
    metrics.observeBatch(this.#topic, { events, dead: dead.length, seconds })
    this.#deadLetterRate.observe(this.#storedAt, records, dead.length)
  }

  async #deliver({ start, events, before }: OpenBatch): Promise<void> {
    const { store, project } = this.#context
    await project(events, this.#lease.signal)
    const end = this.#state.offset
    const after = this.#replayPoint
    if (store !== undefined) await store.store(this.#lease, { start, end, events }, before, after)
    else await this.#lease.commit(end, writeNote({ low: after }))
  }

  async #repairLate(intervalMs: number): Promise<void> {
    const { clock, topology, tables } = this.#context
    if (topology.record === undefined || this.#state.lateMinutes.length === 0) return
    if (clock.now() - this.#repairAt < intervalMs) return
    const rawTable = topology.record.into.name
    await repairLatePanes(this.#state, { tables, rawTable, windows: topology.windows })
    this.#repairAt = clock.now()
  }

  /** Starts to save the state, without holding up processing. A state that cannot be saved costs time only. */
  #snapshot(intervalMs: number): void {
    const { clock, crashPoint } = this.#context
    const { offset } = this.#state
    const isDue =
      clock.now() - this.#snapshotAt >= intervalMs ||
      offset - this.#snapshotOffset >= SNAPSHOT_RECORDS
    if (!isDue || offset === this.#snapshotOffset || this.#saving !== undefined) return
    this.#snapshotAt = clock.now()
    this.#snapshotOffset = offset
    this.#save()
    crashPoint('mid-snapshot')
  }

  #save(): void {
    const { snapshots, logger } = this.#context
    this.#saving = snapshots
      .save(this.#key, this.#state.snapshot())
      .catch((error: unknown) => {
        const { topic, partition } = this.#key
        logger.warn({ topic, partition, err: error }, 'snapshot was not saved')
      })
      .finally(() => {
        this.#saving = undefined
      })
  }

  #emptyState(low: LowWater): PartitionState {
    return new PartitionState(this.#source, this.#context.topology.windows, low)
  }

  get #replayPoint(): ReplayPoint {
    return { ...this.#state.lowWater, lineage: this.#note.low.lineage }
  }

  get #source(): { readonly topic: TopicName; readonly partition: number } {
    return { topic: this.#topic, partition: this.#lease.partition }
  }

  get #classifying(): Parameters<typeof classify>[2] {
    return { codec: this.#context.codec, signal: this.#lease.signal }
  }
}
