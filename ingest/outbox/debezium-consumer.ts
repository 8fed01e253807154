import type { Logger } from 'pino'
import { Counter, type Registry } from 'prom-client'
import { EngineError } from '#engines/errors.ts'
import type { FetchLimits, LogRecord, NewRecord } from '#engines/log/port.ts'
import { Collector } from '#ingest/collector/collector.ts'
import { COLLECTOR_LIMITS } from '#ingest/collector/limits.ts'
import { deadLetterRecord } from '#pipeline/dead-letters.ts'
import { PartitionReader } from '#pipeline/partition-reader.ts'
import { type RetryingLease, type RetryingLog, retryingLog } from '#pipeline/retrying.ts'
import type { Rejection } from '#schemas/http/events-accepted.ts'
import { OUTBOX_TOPICS } from '#schemas/outbox-topics.ts'
import { eventOfMessage } from './event-of-message.ts'
import { type IdentifiedRecord, identifiedRecords } from './identified-records.ts'
import type { LogEnds } from './log-ends.ts'
import { OnceAppender, type OnceAppenderOptions } from './once-appender.ts'

export const OUTBOX_GROUP = 'freshet.outbox'

const BATCH: FetchLimits = { maxRecords: 1_000, maxBytes: 8 * 1024 * 1024, waitMs: 1_000 }

export interface DebeziumConsumerOptions extends OnceAppenderOptions {
  readonly metrics: Registry
  /** Bytes of one event as the log keeps it. */
  readonly eventBytesMax?: number
}

/** A running member of the group. Disposing finishes the batches in hand and leaves. */
export interface DebeziumConsumer extends AsyncDisposable {
  /** Rejects when a partition cannot go on; never resolves. */
  readonly failed: Promise<never>
}

/**
 * Moves what Debezium read of outbox tables (`outbox.event.*`) onto the topics of the events: each message once, in the
 * order of its partition. A message that is not an event goes to `<topic>.dlq`. Start it in several processes to share the partitions.
 * @throws EngineError UNKNOWN_TOPIC where the topics are not there
 */
export async function startDebeziumConsumer(
  options: DebeziumConsumerOptions,
): Promise<DebeziumConsumer> {
  const { logger } = options
  const log = retryingLog(options.log, logger)
  const draining = new AbortController()
  const consumer = new Consumer(options, log, draining.signal)
  const working = new Set<Promise<void>>()
  const membership = await log.join({
    group: OUTBOX_GROUP,
    topics: OUTBOX_TOPICS,
    work: async (lease) => {
      const work = consumer.follow(lease)
      working.add(work)
      await work.finally(() => working.delete(work))
    },
  })
  const { failed } = membership
  failed.catch((error: unknown) => logger.error({ err: error }, 'reading of Debezium stopped'))
  return {
    failed,
    async [Symbol.asyncDispose]() {
      draining.abort()
      await Promise.allSettled(working)
      await membership[Symbol.asyncDispose]()
    },
  }
}

class Consumer {
  readonly #draining: AbortSignal
  readonly #logger: Logger
  readonly #log: RetryingLog
  readonly #collector: Collector
  readonly #appender: OnceAppender
  readonly #messages: Counter<'outcome'>

  constructor(options: DebeziumConsumerOptions, log: RetryingLog, draining: AbortSignal) {
    const { eventBytesMax = COLLECTOR_LIMITS.eventBytesMax, logger, metrics } = options
    this.#draining = draining
    this.#logger = logger
    this.#log = log
    this.#collector = new Collector({ ...options, eventBytesMax })
    this.#appender = new OnceAppender(options)
    this.#messages = new Counter({
      name: 'freshet_outbox_messages_total',
      help: 'Messages of Debezium passed: appended (durable in the log), or the code they were rejected with.',
      labelNames: ['outcome'],
      registers: [metrics],
    })
  }

  /** Moves one partition until its lease ends or the group drains. */
  async follow(lease: RetryingLease): Promise<void> {
    const reader = new PartitionReader(lease)
    try {
      let offset = await this.#resume(lease, reader)
      while (!this.#draining.aborted) {
        const messages = await reader.next(offset, BATCH, this.#draining)
        if (messages.length > 0) offset = await this.#move(lease, offset, messages)
      }
    } catch (error) {
      const isLost =
        lease.signal.aborted || (error instanceof EngineError && error.code === 'LEASE_LOST')
      if (!isLost) throw error
    }
  }

  /** Finishes the batch in doubt, if there is one. @returns the offset to read on from */
  async #resume(lease: RetryingLease, reader: PartitionReader): Promise<number> {
    const { offset, metadata } = lease.committed
    if (metadata === '') return offset
    const note = JSON.parse(metadata) as Note
    const messages: LogRecord[] = []
    for await (const piece of reader.range(offset, note.end)) messages.push(...piece)
    const events = this.#eventsOf(messages, lease)
    await this.#appender.settle(events.records, note.ends, lease.signal)
    await this.#finish(lease, note.end, events)
    return note.end
  }

  /** The same steps as `OutboxChunks`, with the commit of the group in the place of the table. */
  async #move(
    lease: RetryingLease,
    start: number,
    messages: readonly LogRecord[],
  ): Promise<number> {
    const end = (messages.at(-1)?.offset ?? start - 1) + 1
    const events = this.#eventsOf(messages, lease)
    const note = (ends: LogEnds) => {
      return lease.commit(start, JSON.stringify({ end, ends } satisfies Note))
    }
    if (events.records.length > 0) await this.#appender.append(events.records, note, lease.signal)
    await this.#finish(lease, end, events)
    return end
  }

  async #finish(
    lease: RetryingLease,
    end: number,
    { records, dead, rejected }: Events,
  ): Promise<void> {
    if (dead.length > 0) await this.#log.append(dead, lease.signal)
    await lease.commit(end, '')
    this.#messages.inc({ outcome: 'appended' }, records.length)
    for (const { code } of rejected) this.#messages.inc({ outcome: code })
    const [first] = rejected
    if (first === undefined) return
    const { topic, partition } = lease
    const details = { topic, partition, rejected: rejected.length, first }
    this.#logger.warn(details, 'messages are no events; see the dead letters')
  }

  #eventsOf(messages: readonly LogRecord[], lease: RetryingLease): Events {
    // A tombstone (`route.tombstone.on.empty.payload`) holds no event.
    const withValue = messages.filter(({ value }) => value !== null)
    const encoded = this.#collector.encode(withValue.map(eventOfMessage))
    const ids = withValue.map(({ headers }) => headers['id'] ?? '')
    const { rejected } = encoded
    const dead = rejected.flatMap(({ index, code, message }) =>
      withValue
        .slice(index, index + 1)
        .map((record) =>
          deadLetterRecord(lease, { record, stage: 'decode', reason: `${code}: ${message}` }),
        ),
    )
    return { records: identifiedRecords(encoded, ids), dead, rejected }
  }
}

/** Metadata of a committed offset: records from there up to `end` may be in the log already, at or beyond `ends`. */
interface Note {
  readonly end: number
  readonly ends: LogEnds
}

interface Events {
  readonly records: readonly IdentifiedRecord[]
  readonly dead: readonly NewRecord[]
  readonly rejected: readonly Rejection[]
}
