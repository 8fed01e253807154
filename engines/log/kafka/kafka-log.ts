import type { Logger } from 'pino'
import type { Clock } from '#engines/clock/port.ts'
import { closed } from '#engines/errors.ts'
import { orAborted } from '#engines/or-aborted.ts'
import type {
  Commit,
  JoinOptions,
  Log,
  Membership,
  NewRecord,
  PartitionBounds,
  Position,
  TopicSpec,
} from '../port.ts'
import { Appender } from './appender.ts'
import { Brokers } from './brokers.ts'
import { type MembershipParts, openMembership } from './kafka-membership.ts'
import { parseKafkaUrl } from './kafka-url.ts'
import { boundsOf, commitsOf, partitionsOf } from './offsets.ts'
import { retryBriefly } from './retry-briefly.ts'
import { fixThrottleTimer } from './throttle-fix.ts'
import { createTopics } from './topics.ts'

const QUEUE_BYTES_MAX = 64 * 1024 * 1024
const TIMINGS = { sessionMs: 6_000, heartbeatMs: 1_500, rebalanceMs: 10_000, handOverMs: 10_000 }

export interface KafkaLogOptions {
  /** `kafka://[user:password@]host:port[,host:port…][?tls=true&ca=FILE&sasl=…&replication=N]` */
  readonly url: string
  readonly clock: Clock
  readonly logger?: Logger
  /** How many bytes of appended records may wait for the brokers; default 64 MiB. */
  readonly queueBytesMax?: number
  /** How quickly groups notice members that come and go. */
  readonly timings?: Partial<MembershipParts['timings']>
}

/**
 * Opens a log on Kafka >= 4.0. It connects in the first call: that one fails when no broker can be reached.
 * @throws EngineError ENGINE_REFUSED for a malformed URL
 */
export async function openKafkaLog(options: KafkaLogOptions): Promise<Log> {
  const { clock, logger, queueBytesMax = QUEUE_BYTES_MAX } = options
  const url = parseKafkaUrl(options.url)
  fixThrottleTimer()
  const brokers = new Brokers({ url, logger })
  const timings = { ...TIMINGS, ...options.timings }
  return new KafkaLog({
    brokers,
    clock,
    logger,
    timings,
    replication: url.replication,
    appender: new Appender({ brokers, clock, queueBytesMax }),
  })
}

interface LogState extends MembershipParts {
  readonly appender: Appender
  readonly replication: number | undefined
}

class KafkaLog implements Log {
  readonly #state: LogState
  readonly #memberships = new Set<Membership>()
  #closed: Promise<void> | undefined

  constructor(state: LogState) {
    this.#state = state
  }

  async createTopics(specs: readonly TopicSpec[]): Promise<void> {
    this.#checkOpen()
    const { clock } = this.#state
    await retryBriefly(clock, () => createTopics(specs, this.#state))
  }

  async append(records: readonly NewRecord[], signal?: AbortSignal): Promise<readonly Position[]> {
    this.#checkOpen()
    signal?.throwIfAborted()
    if (records.length === 0) return []
    return orAborted(this.#state.appender.append(records), signal)
  }

  async join(options: JoinOptions): Promise<Membership> {
    this.#checkOpen()
    const joined = await openMembership(options, this.#state)
    const membership: Membership = {
      failed: joined.failed,
      [Symbol.asyncDispose]: async () => {
        await joined[Symbol.asyncDispose]()
        this.#memberships.delete(membership)
      },
    }
    this.#memberships.add(membership)
    return membership
  }

  async bounds(topics: readonly string[]): Promise<readonly PartitionBounds[]> {
    this.#checkOpen()
    const { brokers, clock } = this.#state
    const partitions = await partitionsOf(brokers, topics)
    return retryBriefly(clock, () => boundsOf(brokers, partitions))
  }

  async committed(group: string, topics: readonly string[]): Promise<readonly Commit[]> {
    this.#checkOpen()
    const { brokers, clock } = this.#state
    const partitions = await partitionsOf(brokers, topics)
    return retryBriefly(clock, () => commitsOf(group, partitions, brokers))
  }

  async ping(): Promise<void> {
    this.#checkOpen()
    await this.#state.brokers.ask('ApiVersions', {}, 'the log does not answer')
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.#closed ??= this.#close()
    return this.#closed
  }

  async #close(): Promise<void> {
    const { appender, brokers } = this.#state
    await Promise.all([...this.#memberships].map((member) => member[Symbol.asyncDispose]()))
    await appender[Symbol.asyncDispose]()
    await brokers[Symbol.asyncDispose]()
  }

  #checkOpen(): void {
    if (this.#closed === undefined) return
    throw closed('the log has been closed')
  }
}
