import type { Logger } from 'pino'
import { EngineError } from '#engines/errors.ts'
import { assign } from '../assign.ts'
import type { JoinOptions, Lease } from '../port.ts'
import { EmbeddedLease, type LogParts } from './embedded-lease.ts'
import type { PartitionLog } from './partition-log.ts'

/** Between attempts to store the epoch of a lease. */
const RETRY_MS = 1_000

/** A member as the group sees it. */
interface Member {
  readonly partitions: readonly PartitionLog[]
  readonly startAt: 'earliest' | 'latest'
  readonly work: (lease: Lease) => Promise<void>
  readonly failed: PromiseWithResolvers<never>
  readonly leaving: AbortController
  /** Its work that has not returned yet, one for each lease. */
  readonly running: Set<Promise<void>>
}

interface Joined {
  /** Rejects when a `work` of the member has failed; the member leaves then. */
  readonly failed: Promise<never>
  /** Resolves when every `work` of the member has returned. */
  readonly leave: () => Promise<void>
}

/** A partition in the group: who should own it, and who still works on it. */
interface Assignment {
  readonly partition: PartitionLog
  owner: Member | undefined
  holder: Member | undefined
  lease: EmbeddedLease | undefined
}

export interface GroupParts extends LogParts {
  readonly logger: Logger | undefined
}

/**
 * The members of one group and which of them reads what. A partition changes hands in this order: the old lease is lost,
 * its `work` returns, the new epoch is on the disk, the new lease is taken.
 */
export class Group {
  readonly #name: string | null
  readonly #parts: GroupParts
  readonly #members = new Set<Member>()
  readonly #assignments = new Map<PartitionLog, Assignment>()

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
      running: new Set(),
    }
    // Avoids an unhandledRejection; the failure is logged.
    member.failed.promise.catch(() => undefined)
    this.#members.add(member)
    this.#rebalance()
    return { failed: member.failed.promise, leave: () => this.#leave(member) }
  }

  async #leave(member: Member): Promise<void> {
    this.#members.delete(member)
    this.#rebalance()
    member.leaving.abort()
    await Promise.all(member.running)
  }

  #rebalance(): void {
    const members = [...this.#members]
    for (const partition of new Set(members.flatMap((member) => member.partitions))) {
      if (!this.#assignments.has(partition))
        this.#assignments.set(partition, {
          partition,
          owner: undefined,
          holder: undefined,
          lease: undefined,
        })
    }
    const owners = assign(
      [...this.#assignments.values()].map(({ partition, owner }) => ({
        partition,
        topic: partition.topic,
        owner,
        candidates: members.filter((member) => member.partitions.includes(partition)),
      })),
    )
    for (const assignment of this.#assignments.values()) {
      assignment.owner = owners.get(assignment.partition)
      this.#reconcile(assignment)
    }
  }

  #reconcile(assignment: Assignment): void {
    const { owner, holder } = assignment
    if (holder === undefined && owner !== undefined) this.#start(assignment, owner)
    else if (holder !== owner) assignment.lease?.lose('its partition moves on')
  }

  #start(assignment: Assignment, member: Member): void {
    assignment.holder = member
    const running = this.#work(assignment, member)
      .catch((error: unknown) => this.#fail(member, error))
      .finally(() => {
        assignment.lease?.lose('its work has returned')
        assignment.lease = undefined
        assignment.holder = undefined
        member.running.delete(running)
        if (assignment.owner !== member) this.#reconcile(assignment)
      })
    member.running.add(running)
  }

  async #work(assignment: Assignment, member: Member): Promise<void> {
    const lease = await this.#take(assignment, member)
    if (lease === undefined) return
    assignment.lease = lease
    try {
      await member.work(lease)
    } catch (error) {
      if (!(lease.signal.aborted && isLeaseLost(error))) throw error
    }
  }

  /** Undefined when the partition went to another member in the meantime. */
  async #take(assignment: Assignment, member: Member): Promise<EmbeddedLease | undefined> {
    while (assignment.owner === member) {
      try {
        const epoch = await this.#nextEpoch(assignment.partition)
        if (assignment.owner !== member) return undefined
        return new EmbeddedLease(this.#parts, {
          ...this.#leaseOptions(assignment.partition, member),
          epoch,
        })
      } catch (error) {
        if (!(error instanceof EngineError && error.retriable)) throw error
        this.#parts.logger?.warn(
          { err: error },
          `cannot take a lease of ${assignment.partition.name} yet`,
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

  #leaseOptions(partition: PartitionLog, { startAt }: Member) {
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
