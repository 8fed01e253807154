import type { Logger } from 'pino'
import type { Clock } from '#engines/clock/port.ts'
import { EngineError } from '#engines/errors.ts'
import type { Partition } from '../port.ts'
import type { Brokers } from './brokers.ts'
import type { Coordinator } from './coordinator.ts'
import {
  type Assignment,
  assignPartitions,
  decodeAssignment,
  encodeAssignment,
  encodeSubscription,
  GROUP_PROTOCOL,
  topicsOf,
} from './group-protocol.ts'
import { CODE, protocolFailure } from './kafka-errors.ts'
import { partitionsOf } from './offsets.ts'
import type { JoinGroupAnswer } from './protocol.ts'

const RETRY_MS = 200
/** Between heartbeats while the next generation is expected at any moment. */
const PROVISIONAL_MS = 100

/** How quickly a group notices members that come and go. */
export interface GroupTimings {
  /** A member without a heartbeat for this long is evicted; brokers accept no less than 6 s. */
  readonly sessionMs: number
  readonly heartbeatMs: number
  /** A member that has not rejoined within this time is evicted. Rejoining takes a heartbeat, and waits for no work. */
  readonly rebalanceMs: number
}

export interface GroupMemberOptions {
  readonly topics: readonly string[]
  readonly timings: GroupTimings
  readonly coordinator: Coordinator
  readonly brokers: Brokers
  readonly clock: Clock
  readonly logger: Logger | undefined
  /** The partitions that this member still works on. */
  readonly held: () => readonly Partition[]
  /** A generation has begun, with these partitions for this member. */
  readonly onAssigned: (assigned: readonly Partition[], generationId: number) => void
  /** The member was evicted: all its leases are lost. */
  readonly onEvicted: () => void
  /** Resolves when the member can join without holding any partition. */
  readonly whenSettled: () => Promise<void>
}

/** How the coordinator identifies a member, for one generation. */
export interface Session {
  readonly memberId: string
  readonly generationId: number
}

const EVICTIONS: ReadonlySet<number> = new Set([
  CODE.ILLEGAL_GENERATION,
  CODE.UNKNOWN_MEMBER_ID,
  CODE.FENCED_INSTANCE_ID,
])

/**
 * A member of a group by Kafka's classic protocol. Its work delays neither heartbeats nor rebalances, and a rebalance
 * does not stop the work on partitions that stay.
 */
export class GroupMember {
  readonly #options: GroupMemberOptions
  readonly #leaving = new AbortController()
  #memberId = ''
  /** Of the current generation. During a rebalance still that of the last one: its commits count until the next begins. */
  #session: Session | undefined
  #isJoinDue = true
  #isProvisional = false
  /** Aborts when the next session begins. */
  #beginning = new AbortController()
  /** Aborting it ends the wait for the next heartbeat. */
  #pause = new AbortController()
  #isRejoinDue = false
  #isEvicted = false

  constructor(options: GroupMemberOptions) {
    this.#options = options
  }

  /** Keeps the membership alive until `leave`. @throws EngineError when the group cannot have this member */
  async run(): Promise<void> {
    while (!this.#leaving.signal.aborted) {
      try {
        if (this.#session === undefined || this.#isJoinDue) await this.#join()
        else await this.#beat(this.#session)
      } catch (error) {
        await this.#backOff(error)
      }
    }
  }

  /** To be called when this member has released a partition that another one may get. */
  rejoin(): void {
    this.#isRejoinDue = true
    this.#pause.abort()
  }

  /**
   * The session, if it is not `refused`, else the next one, if that begins within `waitMs`. @throws the signal's reason
   */
  async session(
    refused: Session | undefined,
    waitMs: number,
    signal: AbortSignal,
  ): Promise<Session | undefined> {
    if (this.#session === refused)
      await this.#options.clock.sleep(waitMs, AbortSignal.any([signal, this.#beginning.signal]))
    signal.throwIfAborted()
    return this.#session === refused ? undefined : this.#session
  }

  /**
   * Acts on the code that a coordinator answered in a session. True: the session is over, and another will begin.
   * @throws EngineError for what went wrong otherwise
   */
  isOver(code: number, session: Session, doing: string): boolean {
    if (code === CODE.NONE) return false
    // The generation changed while the request was on its way.
    if (session !== this.#session) return true
    if (this.#isJoinDue && code === CODE.ILLEGAL_GENERATION) return true
    this.#act(code, doing)
    return true
  }

  /** Leaves the group, so that others take over at once. */
  async leave(): Promise<void> {
    this.#leaving.abort()
    this.#pause.abort()
    if (this.#memberId === '') return
    const { coordinator, logger } = this.#options
    try {
      await coordinator.send('LeaveGroup', { memberId: this.#memberId }, 'cannot leave')
    } catch (error) {
      logger?.debug({ err: error }, 'could not leave the group; the session will time out')
    }
  }

  async #join(): Promise<void> {
    const { topics, timings, coordinator, held, whenSettled } = this.#options
    if (this.#isEvicted) await whenSettled()
    this.#isEvicted = false
    this.#isRejoinDue = false
    const doing = 'cannot become a member'
    const joined = await coordinator.send(
      'JoinGroup',
      {
        memberId: this.#memberId,
        sessionTimeout: timings.sessionMs,
        rebalanceTimeout: timings.rebalanceMs,
        protocolType: 'consumer',
        groupProtocols: [
          { name: GROUP_PROTOCOL, metadata: encodeSubscription({ topics, held: held() }) },
        ],
      },
      doing,
    )
    if (joined.memberId !== '') this.#memberId = joined.memberId
    if (joined.errorCode === CODE.MEMBER_ID_REQUIRED) return
    if (joined.errorCode !== CODE.NONE) return this.#act(joined.errorCode, doing)
    const session: Session = { memberId: joined.memberId, generationId: joined.generationId }
    const isLeader = joined.leaderId === joined.memberId
    const groupAssignment = isLeader ? await this.#assignmentsFor(joined) : []
    const synced = await coordinator.send('SyncGroup', { ...session, groupAssignment }, doing)
    if (synced.errorCode !== CODE.NONE) return this.#act(synced.errorCode, doing)
    this.#begin(session, decodeAssignment(synced.memberAssignment))
  }

  /** Synchronous, so that a session is never seen without its assignment. */
  #begin(session: Session, { partitions, isProvisional }: Assignment): void {
    if (this.#leaving.signal.aborted) return
    this.#session = session
    this.#isJoinDue = false
    this.#isProvisional = isProvisional
    this.#options.onAssigned(partitions, session.generationId)
    this.#beginning.abort()
    this.#beginning = new AbortController()
  }

  async #assignmentsFor({ members }: JoinGroupAnswer) {
    const partitions = await partitionsOf(this.#options.brokers, topicsOf(members))
    return [...assignPartitions(members, partitions)].map(([memberId, share]) => ({
      memberId,
      memberAssignment: encodeAssignment(share),
    }))
  }

  async #beat(session: Session): Promise<void> {
    const { coordinator, timings } = this.#options
    await this.#sleep(this.#isProvisional ? PROVISIONAL_MS : timings.heartbeatMs)
    if (this.#isRejoinDue) this.#isJoinDue = true
    if (this.#isJoinDue || this.#leaving.signal.aborted || this.#session !== session) return
    const doing = 'cannot send a heartbeat'
    const { memberId, generationId: groupGenerationId } = session
    const beat = await coordinator.send('Heartbeat', { memberId, groupGenerationId }, doing)
    this.isOver(beat.errorCode, session, doing)
  }

  /** Backs off, without a limit: no partition is given up because a broker is away. */
  async #backOff(error: unknown): Promise<void> {
    if (!(error instanceof EngineError && error.retriable)) throw error
    this.#options.logger?.debug({ err: error }, 'the group cannot be reached; trying again')
    await this.#sleep(RETRY_MS)
  }

  /** @throws EngineError for a code that a member cannot act on */
  #act(code: number, doing: string): void {
    const { coordinator } = this.#options
    if (code === CODE.REBALANCE_IN_PROGRESS) this.#isJoinDue = true
    else if (EVICTIONS.has(code)) this.#evict(code)
    else {
      coordinator.forget()
      throw protocolFailure(code, `${doing} of group ${coordinator.group}`)
    }
    this.#pause.abort()
  }

  #evict(code: number): void {
    const { logger, coordinator, onEvicted } = this.#options
    logger?.warn({ group: coordinator.group, code }, 'the group went on without this member')
    // After a generation that is over, the coordinator still knows the member.
    if (code !== CODE.ILLEGAL_GENERATION) this.#memberId = ''
    this.#isEvicted = true
    this.#session = undefined
    onEvicted()
  }

  async #sleep(ms: number): Promise<void> {
    this.#pause = new AbortController()
    if (this.#isRejoinDue || this.#leaving.signal.aborted) return
    await this.#options.clock.sleep(ms, this.#pause.signal)
  }
}
