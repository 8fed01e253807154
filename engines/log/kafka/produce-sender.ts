import type { Clock } from '#engines/clock/port.ts'
import { EngineError } from '#engines/errors.ts'
import type { Partition } from '../port.ts'
import type { AppendQueue } from './append-queue.ts'
import type { Cluster } from './cluster.ts'
import type { Connections } from './connections.ts'
import { CODE, engineErrorOf, protocolFailure } from './kafka-errors.ts'
import { byTopic, nameOf } from './offsets.ts'
import type { NodeAddress } from './protocol.ts'

/** How long the leader waits for the other replicas; less than a request is given. */
const REPLICAS_MS = 8_000
const REQUEST_BYTES = 16 * 1024 * 1024
const RETRY_MS = 100

interface SenderOptions {
  readonly cluster: Cluster
  readonly clock: Clock
  readonly queues: ReadonlyMap<string, AppendQueue>
}

/** Where partitions are sent to that nobody leads just now. */
const NOWHERE: NodeAddress = { host: 'nowhere', port: 0 }

/** Takes the first batch of each queue to the partition's leader, one request at a time to each broker. */
export class ProduceSender implements AsyncDisposable {
  readonly #options: SenderOptions
  readonly #connections: Connections
  readonly #sending = new Map<NodeAddress, Promise<void>>()
  #isPumpDue = false

  constructor(options: SenderOptions) {
    this.#options = options
    this.#connections = options.cluster.connections()
  }

  /** To be called when something was queued; what one turn of the event loop queues goes together. */
  pump(): void {
    if (this.#isPumpDue) return
    this.#isPumpDue = true
    setImmediate(() => this.#pump())
  }

  /** Sends what is queued, or gives it up at its deadline. */
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
    return this.#options.cluster.leader(topic, partition) ?? NOWHERE
  }

  async #send(leader: NodeAddress, queues: readonly AppendQueue[]): Promise<void> {
    let trouble: EngineError | undefined
    try {
      const answers = await this.#produce(leader, queues)
      for (const queue of queues) trouble = settle(queue, answers.get(nameOf(queue.at))) ?? trouble
    } catch (error) {
      trouble = engineErrorOf(error, `cannot append at ${leader.host}:${leader.port}`)
      if (!trouble.retriable) for (const queue of queues) queue.fail(trouble)
    }
    if (trouble?.retriable === true) await this.#overcome(trouble, queues)
  }

  async #produce(leader: NodeAddress, queues: readonly AppendQueue[]): Promise<Answers> {
    if (leader === NOWHERE) throw leaderless(queues)
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

  /** Waits for what may pass; what has waited for too long is given up. */
  async #overcome(trouble: EngineError, queues: readonly AppendQueue[]): Promise<void> {
    const { cluster, clock } = this.#options
    await cluster.refresh().catch(() => undefined)
    await clock.sleep(RETRY_MS)
    for (const queue of queues)
      if (queue.first !== undefined && clock.now() > queue.first.deadline) queue.fail(trouble)
  }
}

type Answers = ReadonlyMap<string, { readonly errorCode: number; readonly baseOffset: string }>

/** Brings the first batch to its end. Returns what went wrong if it may go right yet. */
function settle(
  queue: AppendQueue,
  answer: { readonly errorCode: number; readonly baseOffset: string } | undefined,
): EngineError | undefined {
  const doing = `cannot append to ${nameOf(queue.at)}`
  if (answer === undefined) return new EngineError('ENGINE_UNAVAILABLE', `${doing}: no answer`)
  if (answer.errorCode === CODE.NONE) {
    queue.succeed(Number(answer.baseOffset))
    return undefined
  }
  const trouble = protocolFailure(answer.errorCode, doing)
  // A broker that does not know the topic may only have lost the partition to another one.
  if (trouble.code === 'UNKNOWN_TOPIC')
    return new EngineError('ENGINE_UNAVAILABLE', trouble.message)
  if (trouble.retriable) return trouble
  queue.fail(trouble)
  return undefined
}

/** As many of the queues as fit in one request; the others have their turn in the next. */
function withinRequest(queues: readonly AppendQueue[]): AppendQueue[] {
  let bytes = 0
  return queues.filter(({ first }, i) => {
    bytes += first?.chargedBytes ?? 0
    return i === 0 || bytes <= REQUEST_BYTES
  })
}

function leaderless(queues: readonly AppendQueue[]): EngineError {
  const names = queues.map(({ at }) => nameOf(at)).join(', ')
  return new EngineError('ENGINE_UNAVAILABLE', `no broker leads ${names} just now`)
}
