import type { Logger } from 'pino'
import { EngineError } from '#engines/errors.ts'
import { assign } from '../assign.ts'
import type { JoinOptions, Lease } from '../port.ts'
import { EmbeddedLease, type LogParts } from './embedded-lease.ts'
import type { PartitionLog } from './partition-log.ts'

/** How long to wait before trying again to write down the epoch of a lease. */
const RETRY_MS = 1_000

/** A member as the group sees it: its work, and the leases it has not returned yet. */
interface Member {
  readonly partitions: readonly PartitionLog[]
  readonly startAt: 'earliest' | 'latest'
  readonly work: (lease: Lease) => Promise<void>
  readonly failed: PromiseWithResolvers<never>
  readonly leaving: AbortController
  readonly holdings: Set<Promise<void>>
}

interface Joined {
  /** Rejects when a `work` of the member has failed; the member leaves then. */
  readonly failed: Promise<never>
  /** Resolves when every `work` of the member has returned. */
  readonly leave: () => Promise<void>
}

/** A partition in the group: who should own it, and who still holds it. */
interface Seat {
  readonly partition: PartitionLog
  owner: Member | undefined
  holder: Member | undefined
  lease: EmbeddedLease | undefined
}

export interface GroupParts extends LogParts {
  readonly logger: Logger | undefined
}

/**
 * The members of one group and who of them reads what. A partition changes hands in this order: the old lease is lost,
 * its `work` returns, the new epoch is on the disk, the new lease is taken.
 */
export class Group {
  readonly #name: string | null
  readonly #parts: GroupParts
  readonly #members = new Set<Member>()
  readonly #seats = new Map<PartitionLog, Seat>()

  constructor(name: string | null, parts: GroupParts) {
    this.#name = name
    this.#parts = parts
  }

  join(partitions: readonly PartitionLog[], options: JoinOptions): Joined {
    const member: Member = {
      partitions,
      startAt: options.startAt ?? 'earliest',
      work: options.work,
      failed: Promise.withResolvers<never>(),
      leaving: new AbortController(),
      holdings: new Set(),
    }
    // Whoever looks at it later must not find the process ended; the failure is logged meanwhile.
    member.failed.promise.catch(() => undefined)
    this.#members.add(member)
    this.#rebalance()
    return { failed: member.failed.promise, leave: () => this.#leave(member) }
  }

  async #leave(member: Member): Promise<void> {
    this.#members.delete(member)
    this.#rebalance()
    member.leaving.abort()
    await Promise.all(member.holdings)
  }

  #rebalance(): void {
    const members = [...this.#members]
    for (const partition of new Set(members.flatMap((member) => member.partitions))) {
      if (!this.#seats.has(partition))
        this.#seats.set(partition, {
          partition,
          owner: undefined,
          holder: undefined,
          lease: undefined,
        })
    }
    const owners = assign(
      [...this.#seats.values()].map(({ partition, owner }) => ({
        partition,
        topic: partition.topic,
        owner,
        candidates: members.filter((member) => member.partitions.includes(partition)),
      })),
    )
    for (const seat of this.#seats.values()) {
      seat.owner = owners.get(seat.partition)
      this.#settle(seat)
    }
  }

  #settle(seat: Seat): void {
    const { owner, holder } = seat
    if (holder === undefined && owner !== undefined) this.#seat(seat, owner)
    else if (holder !== owner) seat.lease?.lose('its partition moves on')
  }

  #seat(seat: Seat, member: Member): void {
    seat.holder = member
    const holding = this.#hold(seat, member)
      .catch((error: unknown) => this.#fail(member, error))
      .finally(() => {
        seat.lease?.lose('its work has returned')
        seat.lease = undefined
        seat.holder = undefined
        member.holdings.delete(holding)
        if (seat.owner !== member) this.#settle(seat)
      })
    member.holdings.add(holding)
  }

  async #hold(seat: Seat, member: Member): Promise<void> {
    const lease = await this.#take(seat, member)
    if (lease === undefined) return
    seat.lease = lease
    try {
      await member.work(lease)
    } catch (error) {
      if (!(lease.signal.aborted && isLeaseLost(error))) throw error
    }
  }

  /** Undefined when the partition went to somebody else meanwhile. */
  async #take(seat: Seat, member: Member): Promise<EmbeddedLease | undefined> {
    while (seat.owner === member) {
      try {
        const epoch = await this.#nextEpoch(seat.partition)
        if (seat.owner !== member) return undefined
        return new EmbeddedLease(this.#parts, { ...this.#terms(seat.partition, member), epoch })
      } catch (error) {
        if (!(error instanceof EngineError && error.retriable)) throw error
        this.#parts.logger?.warn(
          { err: error },
          `cannot take a lease of ${seat.partition.name} yet`,
        )
        await this.#parts.clock.sleep(RETRY_MS, member.leaving.signal)
      }
    }
    return undefined
  }

  async #nextEpoch(partition: PartitionLog): Promise<number> {
    if (this.#name === null) return 0
    const { reader, writer } = this.#parts
    const epoch = reader.epoch(this.#name, partition) + 1
    const { topicId: topic, partition: number } = partition
    await writer.change({ kind: 'epoch', group: this.#name, topic, partition: number, epoch })
    return epoch
  }

  #terms(partition: PartitionLog, { startAt }: Member) {
    const { topic, partition: number, first, end } = partition
    const stored =
      this.#name === null ? undefined : this.#parts.reader.commit(this.#name, partition)
    const start = { offset: startAt === 'latest' ? end : first, metadata: '' }
    const committed = { topic, partition: number, ...(stored ?? start) }
    return { group: this.#name, partition, committed }
  }

  #fail(member: Member, error: unknown): void {
    this.#parts.logger?.error({ err: error }, 'a member of a group failed and leaves it')
    member.failed.reject(error)
    void this.#leave(member)
  }
}

function isLeaseLost(error: unknown): boolean {
  return error instanceof EngineError && error.code === 'LEASE_LOST'
}
