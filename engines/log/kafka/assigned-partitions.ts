import type { Logger } from 'pino'
import type { Clock } from '#engines/clock/port.ts'
import { EngineError } from '#engines/errors.ts'
import type { Lease, Partition } from '../port.ts'
import type { KafkaLease } from './kafka-lease.ts'
import { nameOf } from './offsets.ts'

export interface AssignedPartitionsOptions {
  readonly clock: Clock
  readonly logger: Logger | undefined
  /** A lost partition is handed over after this time even if its work has not returned: its commits are fenced. */
  readonly handOverMs: number
  readonly work: (lease: Lease) => Promise<void>
  /** Creates a lease; the signal aborts when the partition is lost before. */
  readonly take: (at: Partition, signal: AbortSignal) => Promise<KafkaLease | undefined>
  /** A partition that this member has lost is free for others. */
  readonly onRelease: () => void
  readonly onFailure: (error: unknown) => void
}

/** A partition from the moment it is assigned until its work has returned. */
interface AssignedPartition {
  readonly at: Partition
  readonly losing: AbortController
  lease: KafkaLease | undefined
  /** Others no longer wait for its work. */
  isHandedOver: boolean
  ended: Promise<void>
}

/** The partitions assigned to one member, and the work on them. */
export class AssignedPartitions {
  readonly #options: AssignedPartitionsOptions
  readonly #partitions = new Map<string, AssignedPartition>()
  #assignedNames = new Set<string>()

  constructor(options: AssignedPartitionsOptions) {
    this.#options = options
  }

  /** Partitions that others must not start on yet. */
  get held(): readonly Partition[] {
    return [...this.#partitions.values()].filter((each) => !each.isHandedOver).map(({ at }) => at)
  }

  /** Replaces the assignment: starts work on new partitions and loses the others. */
  assign(partitions: readonly Partition[]): void {
    this.#assignedNames = new Set(partitions.map(nameOf))
    for (const partition of this.#partitions.values())
      if (!this.#assignedNames.has(nameOf(partition.at)))
        this.#lose(partition, 'its partition moves on')
    for (const at of partitions) if (!this.#partitions.has(nameOf(at))) this.#start(at)
  }

  loseAll(why: string): void {
    this.#assignedNames.clear()
    for (const partition of this.#partitions.values()) this.#lose(partition, why)
  }

  /** Resolves when all work has returned. */
  async ended(): Promise<void> {
    await Promise.all([...this.#partitions.values()].map(({ ended }) => ended))
  }

  /** The same, but after the hand-over time at the latest. */
  async settled(): Promise<void> {
    const done = new AbortController()
    void this.ended().then(() => done.abort())
    await this.#options.clock.sleep(this.#options.handOverMs, done.signal)
  }

  #start(at: Partition): void {
    const partition: AssignedPartition = {
      at,
      losing: new AbortController(),
      lease: undefined,
      isHandedOver: false,
      ended: Promise.resolve(),
    }
    this.#partitions.set(nameOf(at), partition)
    partition.ended = this.#work(partition)
      .catch((error: unknown) => this.#options.onFailure(error))
      .finally(() => this.#end(partition))
  }

  async #work(partition: AssignedPartition): Promise<void> {
    const { take, work } = this.#options
    const lease = await take(partition.at, partition.losing.signal)
    if (lease === undefined) return
    partition.lease = lease
    if (partition.losing.signal.aborted) return
    try {
      await work(lease)
    } catch (error) {
      const isLost = error instanceof EngineError && error.code === 'LEASE_LOST'
      if (!(isLost && lease.signal.aborted)) throw error
    }
  }

  #end(partition: AssignedPartition): void {
    const { at, lease, losing } = partition
    lease?.lose('its work has returned')
    this.#partitions.delete(nameOf(at))
    const isWaitedFor = losing.signal.aborted
    losing.abort()
    if (!isWaitedFor) return
    // It may have come back while its last work was ending.
    if (this.#assignedNames.has(nameOf(at))) this.#start(at)
    else if (!partition.isHandedOver) this.#options.onRelease()
  }

  #lose(partition: AssignedPartition, why: string): void {
    if (partition.losing.signal.aborted) return
    partition.losing.abort()
    partition.lease?.lose(why)
    void this.#handOver(partition)
  }

  async #handOver(partition: AssignedPartition): Promise<void> {
    const { clock, logger, handOverMs, onRelease } = this.#options
    const done = new AbortController()
    void partition.ended.then(() => done.abort())
    await clock.sleep(handOverMs, done.signal)
    if (done.signal.aborted) return
    partition.isHandedOver = true
    logger?.warn(
      { ...partition.at, handOverMs },
      'the work on a lost lease has not returned; the partition is handed over',
    )
    onRelease()
  }
}
