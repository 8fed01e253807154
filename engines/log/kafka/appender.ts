import type { Clock } from '#engines/clock/port.ts'
import { partitionOf } from '../murmur2.ts'
import type { NewRecord, Partition, Position } from '../port.ts'
import { QueueBudget } from '../queue-budget.ts'
import { checkRecordSize } from './append-batch.ts'
import { AppendQueue, type Place } from './append-queue.ts'
import { recordBytesMax } from './batch-builder.ts'
import type { Brokers } from './brokers.ts'
import { nameOf } from './offsets.ts'
import { ProduceSender } from './produce-sender.ts'

/** How long a batch is retried; then its callers decide. */
const DELIVERY_MS = 20_000

export interface AppenderOptions {
  readonly brokers: Brokers
  readonly clock: Clock
  /** How many bytes of records may wait for the brokers. */
  readonly queueBytesMax: number
}

interface Routed {
  readonly record: NewRecord
  readonly at: Partition
  readonly bytes: number
}

/**
 * Group commit over the network: one request at a time to each broker, while appends gather for the next. Batches of a
 * partition are sent one after the other: a retried one is never overtaken, so order holds.
 */
export class Appender implements AsyncDisposable {
  readonly #options: AppenderOptions
  readonly #queues = new Map<string, AppendQueue>()
  readonly #sender: ProduceSender
  /** Round robin over a topic's partitions, for records without a key. */
  readonly #keyless = new Map<string, number>()
  readonly #budget: QueueBudget

  constructor(options: AppenderOptions) {
    const { brokers, clock } = options
    this.#options = options
    this.#budget = new QueueBudget(options.queueBytesMax, 'the brokers')
    this.#sender = new ProduceSender({ brokers, clock, queues: this.#queues })
  }

  /** Resolves with the positions, in the order given, once all records are on all in-sync replicas. */
  async append(records: readonly NewRecord[]): Promise<Position[]> {
    const counts = new Map<string, number>()
    for (const topic of new Set(records.map((record) => record.topic)))
      counts.set(topic, await this.#options.brokers.partitions(topic))
    const routed = records.map((record) => this.#route(record, counts.get(record.topic) ?? 1))
    const bytes = routed.reduce((sum, each) => sum + each.bytes, 0)
    this.#budget.admit(bytes)
    try {
      return await positionsOf(this.#enqueue(routed))
    } finally {
      this.#budget.release(bytes)
    }
  }

  /** Sends what is queued, then closes the connections. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#sender[Symbol.asyncDispose]()
  }

  #route(record: NewRecord, partitions: number): Routed {
    const { topic, key } = record
    const next = this.#keyless.get(topic) ?? 0
    if (key === null) this.#keyless.set(topic, next + 1)
    const partition = key === null ? next % partitions : partitionOf(Buffer.from(key), partitions)
    const at = { topic, partition }
    const bytes = recordBytesMax(record)
    checkRecordSize(bytes, at)
    return { record, at, bytes }
  }

  #enqueue(routed: readonly Routed[]): Place[] {
    const deadline = this.#options.clock.now() + DELIVERY_MS
    const places = routed.map(({ record, at, bytes }) =>
      this.#queue(at).add(record, bytes, deadline),
    )
    this.#sender.pump()
    return places
  }

  #queue(at: Partition): AppendQueue {
    const name = nameOf(at)
    let queue = this.#queues.get(name)
    if (queue === undefined) {
      queue = new AppendQueue(at)
      this.#queues.set(name, queue)
    }
    return queue
  }
}

/** Waits for all batches. @throws EngineError of the first one that failed */
async function positionsOf(places: readonly Place[]): Promise<Position[]> {
  const batches = [...new Set(places.map(({ batch }) => batch))]
  const written = await Promise.allSettled(batches.map((batch) => batch.written))
  const firstOffsets = new Map(
    batches.map((batch, i) => {
      const outcome = written[i]
      if (outcome?.status === 'rejected') throw outcome.reason
      return [batch, outcome?.value ?? 0]
    }),
  )
  return places.map(({ batch, ordinal }) => ({
    ...batch.at,
    offset: (firstOffsets.get(batch) ?? 0) + ordinal,
  }))
}
