import type { Logger } from 'pino'
import type { Clock } from '#engines/clock/port.ts'
import { EngineError } from '#engines/errors.ts'
import type { Commit, JoinOptions, Membership, Partition } from '../port.ts'
import { AssignedPartitions } from './assigned-partitions.ts'
import type { Brokers } from './brokers.ts'
import { Coordinator } from './coordinator.ts'
import { Fetcher } from './fetcher.ts'
import { commitInGroup } from './group-commit.ts'
import { GroupMember, type GroupTimings } from './group-member.ts'
import { KafkaLease } from './kafka-lease.ts'
import { boundsOf, commitsOf, partitionsOf } from './offsets.ts'

const RETRY_MS = 200

export interface MembershipParts {
  readonly brokers: Brokers
  readonly clock: Clock
  readonly logger: Logger | undefined
  readonly timings: GroupTimings & {
    /** A lost partition is handed over after this time even if its work has not returned. */
    readonly handOverMs: number
  }
}

/** Joins the group, or takes all partitions where there is none. @throws EngineError UNKNOWN_TOPIC */
export async function openMembership(
  options: JoinOptions,
  parts: MembershipParts,
): Promise<KafkaMembership> {
  const partitions = await partitionsOf(parts.brokers, options.topics)
  const membership = new KafkaMembership(options, parts)
  await membership.begin(partitions)
  return membership
}

class KafkaMembership implements Membership {
  readonly #options: JoinOptions
  readonly #parts: MembershipParts
  readonly #fetcher: Fetcher
  readonly #assigned: AssignedPartitions
  readonly #coordinator: Coordinator | undefined
  readonly #member: GroupMember | undefined
  readonly #failed = Promise.withResolvers<never>()
  readonly #begun = Promise.withResolvers<void>()
  #running: Promise<void> = Promise.resolve()
  #epoch = 0
  #left: Promise<void> | undefined

  constructor(options: JoinOptions, parts: MembershipParts) {
    const { brokers, clock, logger, timings } = parts
    this.#options = options
    this.#parts = parts
    this.#fetcher = new Fetcher({ brokers, clock, logger })
    this.#assigned = new AssignedPartitions({
      clock,
      logger,
      handOverMs: timings.handOverMs,
      work: options.work,
      take: (at, signal) => this.#take(at, signal),
      onRelease: () => this.#member?.rejoin(),
      onFailure: (error) => this.#fail(error),
    })
    // Avoids an unhandledRejection; the failure is logged.
    this.#failed.promise.catch(() => undefined)
    if (options.group === null) return
    const coordinator = new Coordinator(options.group, brokers)
    this.#coordinator = coordinator
    this.#member = new GroupMember({
      topics: options.topics,
      timings,
      coordinator,
      brokers,
      clock,
      logger,
      held: () => this.#assigned.held,
      onAssigned: (assigned, generationId) => this.#assign(assigned, generationId),
      onEvicted: () => this.#assigned.loseAll('the group went on without this member'),
      whenSettled: () => this.#assigned.settled(),
    })
  }

  get failed(): Promise<never> {
    return this.#failed.promise
  }

  /** Resolves when joined. @throws EngineError when the group cannot have this member */
  async begin(partitions: readonly Partition[]): Promise<void> {
    if (this.#member === undefined) this.#assign(partitions, 0)
    else this.#running = this.#member.run().catch((error: unknown) => this.#fail(error))
    await Promise.race([this.#begun.promise, this.#failed.promise])
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.#left ??= this.#leave()
    return this.#left
  }

  #assign(partitions: readonly Partition[], epoch: number): void {
    if (this.#left !== undefined) return
    this.#epoch = epoch
    this.#assigned.assign(partitions)
    this.#begun.resolve()
  }

  async #leave(): Promise<void> {
    this.#begun.resolve()
    this.#assigned.loseAll('its member leaves')
    await this.#assigned.settled()
    await this.#member?.leave()
    await this.#assigned.ended()
    await this.#fetcher[Symbol.asyncDispose]()
    await this.#coordinator?.[Symbol.asyncDispose]()
    await this.#running
  }

  #fail(error: unknown): void {
    this.#parts.logger?.error({ err: error }, 'a member of a group failed and leaves it')
    this.#failed.reject(error)
    void this[Symbol.asyncDispose]()
  }

  /** Undefined when the partition is lost before its position is known. */
  async #take(at: Partition, signal: AbortSignal): Promise<KafkaLease | undefined> {
    const epoch = this.#epoch
    const { clock, logger } = this.#parts
    while (!signal.aborted) {
      try {
        const committed = await this.#position(at)
        if (signal.aborted) return undefined
        return new KafkaLease({
          committed,
          epoch,
          clock,
          fetcher: this.#fetcher,
          commit: this.#committer(),
        })
      } catch (error) {
        if (!(error instanceof EngineError && error.retriable)) throw error
        logger?.debug({ err: error, ...at }, 'cannot take the lease yet')
        await clock.sleep(RETRY_MS, signal)
      }
    }
    return undefined
  }

  /** Where to begin. Read in the lease's own generation, so that no other member can commit after it. */
  async #position(at: Partition): Promise<Commit> {
    const { group, startAt = 'earliest' } = this.#options
    const { brokers } = this.#parts
    const [stored] = group === null ? [] : await commitsOf(group, [at], brokers)
    if (stored !== undefined) return stored
    const [bounds] = await boundsOf(brokers, [at])
    return {
      ...at,
      offset: (startAt === 'latest' ? bounds?.end : bounds?.first) ?? 0,
      metadata: '',
    }
  }

  #committer() {
    const member = this.#member
    const coordinator = this.#coordinator
    if (member === undefined || coordinator === undefined) return undefined
    const { clock } = this.#parts
    return (lease: KafkaLease, commit: Commit) =>
      commitInGroup(commit, { member, coordinator, clock, signal: lease.signal })
  }
}
