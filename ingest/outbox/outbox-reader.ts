import type { Logger } from 'pino'
import type { Registry } from 'prom-client'
import type { Clock } from '#engines/clock/port.ts'
import type { Log } from '#engines/log/port.ts'
import { Collector } from '#ingest/collector/collector.ts'
import { COLLECTOR_LIMITS } from '#ingest/collector/limits.ts'
import type { EventCodec } from '#pipeline/event-codec.ts'
import { isRetriable } from '#pipeline/retry.ts'
import { OnceAppender } from './once-appender.ts'
import { CHUNK_LIMITS, OutboxChunks, type OutboxCrashHook } from './outbox-chunks.ts'
import { OutboxMetrics } from './outbox-metrics.ts'
import { OutboxSession, type OutboxSessionOptions } from './outbox-session.ts'
import type { ChunkLimits } from './outbox-table.ts'
import { outboxAddress } from './outbox-url.ts'

/** Longest pause between two reads of an outbox that is empty; after a row the first pause is short and then doubles. */
export const POLL_MS = 250
const FIRST_PAUSE_MS = 10
/** How often a process that waits asks for the lock. */
const TAKE_OVER_MS = 1_000
const RECONNECT_MS = { first: 100, max: 5_000 } as const

export interface OutboxReaderOptions extends OutboxSessionOptions {
  readonly log: Pick<Log, 'append' | 'bounds' | 'join'>
  readonly codec: EventCodec
  readonly clock: Clock
  readonly logger: Logger
  readonly metrics: Registry
  readonly pollMs?: number
  readonly limits?: Partial<ChunkLimits>
  /** Bytes of one event as the log keeps it. */
  readonly eventBytesMax?: number
  /** `chunk` deletes rows in the transaction that passes them; default `off`. */
  readonly deleteAfter?: 'off' | 'chunk'
  readonly crashPoint?: OutboxCrashHook
}

/** Reading an outbox, or waiting to. Disposing finishes the chunk in hand and gives the lock up. */
export interface OutboxReader extends AsyncDisposable {
  /** Rejects when reading cannot go on (a login refused, tables missing); never resolves. */
  readonly failed: Promise<never>
}

/**
 * Moves the rows of an outbox (schemas/outbox.sql) into the log: each committed row once, in the order of transactions,
 * through any crash. One process reads, the others wait for its lock. A database or a log that is down is waited for.
 * @throws EngineError ENGINE_REFUSED for a URL that cannot be used
 */
export function startOutboxReader(options: OutboxReaderOptions): OutboxReader {
  const logger = options.logger.child({ outbox: outboxAddress(options.url) })
  const stopping = new AbortController()
  const reading = new Reading({ ...options, logger }, stopping.signal).run()
  const failed = reading.then(() => new Promise<never>(() => {}))
  failed.catch((error: unknown) => logger.error({ err: error }, 'reading the outbox stopped'))
  return {
    failed,
    async [Symbol.asyncDispose]() {
      stopping.abort()
      await Promise.allSettled([reading])
    },
  }
}

class Reading {
  readonly #options: OutboxReaderOptions
  readonly #stopping: AbortSignal
  readonly #metrics: OutboxMetrics
  readonly #collector: Collector
  readonly #appender: OnceAppender
  #reconnectMs: number = RECONNECT_MS.first

  constructor(options: OutboxReaderOptions, stopping: AbortSignal) {
    const { eventBytesMax = COLLECTOR_LIMITS.eventBytesMax } = options
    this.#options = options
    this.#stopping = stopping
    this.#metrics = new OutboxMetrics(options.metrics)
    this.#collector = new Collector({ ...options, eventBytesMax })
    this.#appender = new OnceAppender(options)
    this.#metrics.reading(false)
  }

  /** Resolves when stopped. @throws EngineError that is not retriable */
  async run(): Promise<void> {
    const { clock, logger } = this.#options
    while (!this.#stopping.aborted) {
      try {
        await this.#readForAsLongAsConnected()
      } catch (error) {
        if (this.#stopping.aborted) return
        if (!isRetriable(error)) throw error
        logger.warn({ err: error }, 'the outbox does not answer; waiting for it')
        await clock.sleep(this.#reconnectMs, this.#stopping)
        this.#reconnectMs = Math.min(this.#reconnectMs * 2, RECONNECT_MS.max)
      } finally {
        this.#metrics.reading(false)
      }
    }
  }

  async #readForAsLongAsConnected(): Promise<void> {
    const { clock, logger, pollMs = POLL_MS } = this.#options
    await using session = await OutboxSession.open(this.#options)
    if (!(await this.#takeLock(session))) return
    const chunks = new OutboxChunks({
      ...this.#options,
      limits: { ...CHUNK_LIMITS, ...this.#options.limits },
      session,
      collector: this.#collector,
      appender: this.#appender,
      metrics: this.#metrics,
      signal: AbortSignal.any([this.#stopping, session.lost]),
    })
    let position = await chunks.resume()
    this.#metrics.reading(true)
    logger.info({ position }, 'reading the outbox')
    let pause = FIRST_PAUSE_MS
    while (!this.#stopping.aborted) {
      const woken = session.awaitWake()
      const next = await chunks.moveNext(position)
      position = next ?? position
      await chunks.measureLag(position)
      this.#reconnectMs = RECONNECT_MS.first
      if (next !== undefined) {
        pause = FIRST_PAUSE_MS
        continue
      }
      await clock.sleep(pause, AbortSignal.any([this.#stopping, session.lost, woken]))
      pause = Math.min(pause * 2, pollMs)
    }
  }

  /** Waits for the lock as long as it takes. @returns false when stopped before */
  async #takeLock(session: OutboxSession): Promise<boolean> {
    const { clock, logger } = this.#options
    for (let isFirst = true; !this.#stopping.aborted; isFirst = false) {
      if (await session.tryLock()) return true
      this.#reconnectMs = RECONNECT_MS.first
      if (isFirst) logger.info('another process reads this outbox; waiting to take over')
      await clock.sleep(TAKE_OVER_MS, this.#stopping)
    }
    return false
  }
}
