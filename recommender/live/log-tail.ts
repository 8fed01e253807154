import type { Logger } from 'pino'
import type { Clock } from '#engines/clock/port.ts'
import { EngineError } from '#engines/errors.ts'
import type { LogRecord } from '#engines/log/port.ts'
import type { EventCodec } from '#pipeline/event-codec.ts'
import type { RetryingLease, RetryingLog } from '#pipeline/retrying.ts'
import type { CommerceEvent } from '#schemas/events.ts'
import type { Positions } from './positions.ts'

/** Small pieces, so that answering is never held up for long while much is learned. */
const FETCH = { maxRecords: 500, maxBytes: 1024 * 1024, waitMs: 1_000 } as const

/** How often an unknown schema is asked for, and for how long its records are then skipped. */
const SCHEMA_ATTEMPTS = 5
const SCHEMA_RETRY_MS = 200
const SCHEMA_PASSED_OVER_MS = 30_000

export interface LogTailOptions {
  readonly log: Pick<RetryingLog, 'bounds'>
  readonly codec: EventCodec
  readonly clock: Clock
  readonly logger: Logger
  /** Where to read on; kept up to date. A partition that is not there is read from its oldest record. */
  readonly positions: Positions
  readonly learn: (event: CommerceEvent) => void
}

/** Reads partitions of the log as records come, and learns the events; what cannot be decoded is skipped. */
export class LogTail {
  readonly #options: LogTailOptions
  readonly #passedOverUntil = new Map<number, number>()

  constructor(options: LogTailOptions) {
    this.#options = options
  }

  /** Reads one partition until its lease ends. */
  async follow(lease: RetryingLease): Promise<void> {
    const { topic, partition, signal } = lease
    const { positions } = this.#options
    while (!signal.aborted) {
      const offset = positions.get(topic, partition) ?? lease.committed.offset
      try {
        const records = await lease.fetch(offset, FETCH)
        await this.#learn(records, lease)
      } catch (error) {
        if (signal.aborted) return
        if (!(error instanceof EngineError) || error.code !== 'OFFSET_OUT_OF_RANGE') throw error
        await this.#startOver(lease, offset)
      }
    }
  }

  async #learn(records: readonly LogRecord[], lease: RetryingLease): Promise<void> {
    for (const record of records) {
      const event = await this.#decode(record, lease.signal)
      if (lease.signal.aborted) return
      if (event !== undefined) this.#options.learn(event)
      this.#options.positions.set(lease.topic, lease.partition, record.offset + 1)
    }
  }

  /** Undecodable records are dead letters of the pipeline; here they are skipped. */
  async #decode(record: LogRecord, signal: AbortSignal): Promise<CommerceEvent | undefined> {
    // A tombstone of a compacted topic.
    if (record.value === null) return undefined
    const { codec } = this.#options
    const decoded = codec.decode(record.value)
    if (decoded.kind === 'event') return decoded.event
    if (decoded.kind === 'undecodable') return undefined
    if (!(await this.#learnSchema(decoded.schemaId, signal))) return undefined
    const again = codec.decode(record.value)
    return again.kind === 'event' ? again.event : undefined
  }

  async #learnSchema(schemaId: number, signal: AbortSignal): Promise<boolean> {
    const { codec, clock, logger } = this.#options
    if (clock.now() < (this.#passedOverUntil.get(schemaId) ?? 0)) return false
    for (let attempt = 0; attempt < SCHEMA_ATTEMPTS && !signal.aborted; attempt++) {
      try {
        await codec.learn(schemaId)
        return true
      } catch (error) {
        if (!(error instanceof EngineError)) throw error
        await clock.sleep(SCHEMA_RETRY_MS * 2 ** attempt, signal)
      }
    }
    logger.warn({ schemaId }, 'passing over records of a schema that the registry does not know')
    this.#passedOverUntil.set(schemaId, clock.now() + SCHEMA_PASSED_OVER_MS)
    return false
  }

  /** The log no longer has the offset, or was created anew: reads it from its oldest record; event ids tell repeats. */
  async #startOver({ topic, partition, signal }: RetryingLease, offset: number): Promise<void> {
    const { log, logger, positions } = this.#options
    const bounds = await log.bounds([topic], signal)
    const first = bounds.find((each) => each.partition === partition)?.first ?? 0
    logger.warn({ topic, partition, offset, first }, 'the log has no such offset: starting over')
    positions.set(topic, partition, first)
  }
}
