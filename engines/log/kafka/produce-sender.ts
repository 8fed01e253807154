import type { Clock } from '#engines/clock/port.ts'
import { type EngineError, unavailable } from '#engines/errors.ts'
import type { Partition } from '../port.ts'
import type { AppendQueue } from './append-queue.ts'
import { type Brokers, leaderless, NO_LEADER } from './brokers.ts'
import type { Connections } from './connections.ts'
import { CODE, engineErrorOf, protocolFailure } from './kafka-errors.ts'
import { byTopic, nameOf } from './offsets.ts'
import type { NodeAddress } from './protocol.ts'

/** How long the leader may wait for the other replicas; shorter than the time-out of a request. */
const REPLICAS_MS = 8_000
const REQUEST_BYTES = 16 * 1024 * 1024
const RETRY_MS = 100

interface SenderOptions {
  readonly brokers: Brokers
  readonly clock: Clock
  readonly queues: ReadonlyMap<string, AppendQueue>
}

/** Sends the first batch of each queue to the partition's leader, one request at a time to each broker. */
export class ProduceSender implements AsyncDisposable {
  readonly #options: SenderOptions
  readonly #connections: Connections
  readonly #sending = new Map<NodeAddress, Promise<void>>()
  #isPumpDue = false

  constructor(options: SenderOptions) {
    this.#options = options
    this.#connections = options.brokers.connections()
  }

  /** To be called when something was queued. What is queued in one turn of the event loop goes in one request. */
  pump(): void {
    if (this.#isPumpDue) return
    this.#isPumpDue = true
    setImmediate(() => this.#pump())
  }

  /** Sends what is queued, until it is durable or past its deadline. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#pump()
    while (this.#sending.size > 0) await Promise.all(this.#sending.values())
    await this.#connections[Symbol.asyncDispose]()
  }

  #pump(): void {
    this.#isPumpDue = false
    const waiting = [...this.#options.queues.values()].filter(({ first }) => first !== undefined)
    for (const [leader, queues] of Map.groupBy(waiting, ({ at }) => this.#leader(at))) {
      if (this.#sending.has(leader)) continue
      const sending = this.#send(leader, withinRequest(queues)).finally(() => {
        this.#sending.delete(leader)
        this.#pump()
      })
      this.#sending.set(leader, sending)
    }
  }

  #leader({ topic, partition }: Partition): NodeAddress {
    return this.#options.brokers.leader(topic, partition) ?? NO_LEADER
  }

  async #send(leader: NodeAddress, queues: readonly AppendQueue[]): Promise<void> {
    let failure: EngineError | undefined
    try {
      const answers = await this.#produce(leader, queues)
      for (const queue of queues) failure = settle(queue, answers.get(nameOf(queue.at))) ?? failure
    } catch (error) {
      failure = engineErrorOf(error, `cannot append at ${leader.host}:${leader.port}`)
      if (!failure.retriable) for (const queue of queues) queue.fail(failure)
    }
    if (failure?.retriable === true) await this.#backOff(failure, queues)
  }

  async #produce(leader: NodeAddress, queues: readonly AppendQueue[]): Promise<Answers> {
    if (leader === NO_LEADER) throw leaderless(queues.map(({ at }) => at))
    const now = this.#options.clock.now()
    const batches = queues.flatMap(({ at, first }) =>
      first === undefined ? [] : [{ ...at, batch: first.encode(now) }],
    )
    const { topics } = await this.#connections.send(leader, 'Produce', {
      acks: -1,
      timeout: REPLICAS_MS,
      topicData: byTopic(batches, ({ partition, batch }) => ({ partition, batch })),
    })
    return new Map(
      topics.flatMap(({ topicName: topic, partitions }) =>
        partitions.map((answer) => [nameOf({ topic, partition: answer.partition }), answer]),
      ),
    )
  }

  /** Waits, and asks for the leaders; batches that are past their deadline fail. */
  async #backOff(failure: EngineError, queues: readonly AppendQueue[]): Promise<void> {
    const { brokers, clock } = this.#options
    await brokers.refresh().catch(() => undefined)
    await clock.sleep(RETRY_MS)
    for (const queue of queues)
      if (queue.first !== undefined && clock.now() > queue.first.deadline) queue.fail(failure)
  }
}

type Answers = ReadonlyMap<string, { readonly errorCode: number; readonly baseOffset: string }>

/** Completes or fails the first batch. Returns the failure instead where a retry may succeed. */
function settle(
  queue: AppendQueue,
  answer: { readonly errorCode: number; readonly baseOffset: string } | undefined,
): EngineError | undefined {
  const doing = `cannot append to ${nameOf(queue.at)}`
  if (answer === undefined) return unavailable(`${doing}: no answer`)
  if (answer.errorCode === CODE.NONE) {
    queue.succeed(Number(answer.baseOffset))
    return undefined
  }
  const failure = protocolFailure(answer.errorCode, doing)
  // A broker that does not know the topic may only have lost the partition to another one.
  if (failure.code === 'UNKNOWN_TOPIC') return unavailable(failure.message)
  if (failure.retriable) return failure
  queue.fail(failure)
  return undefined
}

/** As many of the queues as fit in one request; the others go in the next. */
function withinRequest(queues: readonly AppendQueue[]): AppendQueue[] {
  let bytes = 0
  return queues.filter(({ first }, i) => {
    bytes += first?.chargedBytes ?? 0
    return i === 0 || bytes <= REQUEST_BYTES
  })
}
