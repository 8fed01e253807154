import type { Logger } from 'pino'
import type { Clock } from '#engines/clock/port.ts'
import { EngineError } from '#engines/errors.ts'
import type { Lease, Partition } from '../port.ts'
import type { KafkaLease } from './kafka-lease.ts'
import { nameOf } from './offsets.ts'

export interface HoldingsOptions {
  readonly clock: Clock
  readonly logger: Logger | undefined
  /** A lost partition goes to its next owner after this time though its work has not returned: commits are fenced. */
  readonly handOverMs: number
  readonly work: (lease: Lease) => Promise<void>
  /** Makes a lease; the signal aborts when the partition is lost before. */
  readonly take: (at: Partition, signal: AbortSignal) => Promise<KafkaLease | undefined>
  /** A partition that this member does not own any more can go to others. */
  readonly onRelease: () => void
  readonly onFailure: (error: unknown) => void
}

/** A partition from the moment it is assigned until its work has returned. */
interface Holding {
  readonly at: Partition
  readonly losing: AbortController
  lease: KafkaLease | undefined
  /** Others need not wait for its work any longer. */
  isHandedOver: boolean
  ended: Promise<void>
}

/** The partitions of one member and the work on them. */
export class Holdings {
  readonly #options: HoldingsOptions
  readonly #holdings = new Map<string, Holding>()
  #assigned = new Set<string>()

  constructor(options: HoldingsOptions) {
    this.#options = options
  }

  /** What others must not begin with yet. */
  get held(): readonly Partition[] {
    return [...this.#holdings.values()].filter((each) => !each.isHandedOver).map(({ at }) => at)
  }

  /** These and no others are this member's from now on. */
  assign(partitions: readonly Partition[]): void {
    this.#assigned = new Set(partitions.map(nameOf))
    for (const holding of this.#holdings.values())
      if (!this.#assigned.has(nameOf(holding.at))) this.#lose(holding, 'its partition moves on')
    for (const at of partitions) if (!this.#holdings.has(nameOf(at))) this.#hold(at)
  }

  loseAll(why: string): void {
    this.#assigned.clear()
    for (const holding of this.#holdings.values()) this.#lose(holding, why)
  }

  /** Resolves when every work has returned. */
  async ended(): Promise<void> {
    await Promise.all([...this.#holdings.values()].map(({ ended }) => ended))
  }

  /** Resolves when nobody needs to wait for the works any longer, at the latest after the hand-over time. */
  async settled(): Promise<void> {
    const done = new AbortController()
    void this.ended().then(() => done.abort())
    await this.#options.clock.sleep(this.#options.handOverMs, done.signal)
  }

  #hold(at: Partition): void {
    const holding: Holding = {
      at,
      losing: new AbortController(),
      lease: undefined,
      isHandedOver: false,
      ended: Promise.resolve(),
    }
    this.#holdings.set(nameOf(at), holding)
    holding.ended = this.#work(holding)
      .catch((error: unknown) => this.#options.onFailure(error))
      .finally(() => this.#end(holding))
  }

  async #work(holding: Holding): Promise<void> {
    const { take, work } = this.#options
    const lease = await take(holding.at, holding.losing.signal)
    if (lease === undefined) return
    holding.lease = lease
    if (holding.losing.signal.aborted) return
    try {
      await work(lease)
    } catch (error) {
      const isLost = error instanceof EngineError && error.code === 'LEASE_LOST'
      if (!(isLost && lease.signal.aborted)) throw error
    }
  }

  #end(holding: Holding): void {
    const { at, lease, losing } = holding
    lease?.lose('its work has returned')
    this.#holdings.delete(nameOf(at))
    const isWaitedFor = losing.signal.aborted
    losing.abort()
    if (!isWaitedFor) return
    // It may have come back while its last work was ending.
    if (this.#assigned.has(nameOf(at))) this.#hold(at)
    else if (!holding.isHandedOver) this.#options.onRelease()
  }

  #lose(holding: Holding, why: string): void {
    if (holding.losing.signal.aborted) return
    holding.losing.abort()
    holding.lease?.lose(why)
    void this.#handOver(holding)
  }

  async #handOver(holding: Holding): Promise<void> {
    const { clock, logger, handOverMs, onRelease } = this.#options
    const done = new AbortController()
    void holding.ended.then(() => done.abort())
    await clock.sleep(handOverMs, done.signal)
    if (done.signal.aborted) return
    holding.isHandedOver = true
    const { topic, partition } = holding.at
    logger?.warn({ topic, partition, handOverMs }, 'a lost lease is worked on still; others go on')
    onRelease()
  }
}
