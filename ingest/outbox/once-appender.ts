import type { Logger } from 'pino'
import type { Clock } from '#engines/clock/port.ts'
import type { Log } from '#engines/log/port.ts'
import type { EventCodec } from '#pipeline/event-codec.ts'
import { type Retry, retryForever } from '#pipeline/retry.ts'
import { appendedIds } from './appended-ids.ts'
import type { IdentifiedRecord } from './identified-records.ts'
import { type LogEnds, logEnds } from './log-ends.ts'

/** A process suspended for longer between noting and appending may have been replaced: it searches before it appends. */
export const NOTE_FRESH_MS = 10_000

export interface OnceAppenderOptions {
  readonly log: Pick<Log, 'append' | 'bounds' | 'join'>
  readonly codec: EventCodec
  readonly clock: Clock
  readonly logger: Logger
}

/**
 * Appends records once, however many attempts and processes it takes: only the first attempt after a fresh note appends
 * at once. Every other attempt, after an error or a crash, first searches the log for the records that are there, so that
 * it does not matter how long the log or this process was down. A log that is down or full is waited for.
 */
export class OnceAppender {
  readonly #options: OnceAppenderOptions
  readonly #retry: Retry

  constructor(options: OnceAppenderOptions) {
    this.#options = options
    this.#retry = retryForever('log', options.logger)
  }

  /**
   * Has `note` remember, durably, where the log ends, then appends; resolves when all is durable. A process that finds
   * the note after a crash calls `settle`. @throws the reason of the signal; errors of `note`
   */
  async append(
    records: readonly IdentifiedRecord[],
    note: (ends: LogEnds) => Promise<void>,
    signal: AbortSignal,
  ): Promise<void> {
    const { log, clock } = this.#options
    const topics = [...new Set(records.map(({ record }) => record.topic))]
    const ends = await this.#retry(() => logEnds(log, topics), signal)
    const freshUntil = clock.now() + NOTE_FRESH_MS
    await note(ends)
    await this.#append({ records, ends, freshUntil }, signal)
  }

  /** Appends what is missing of records that were noted before, any of which may be there. */
  async settle(
    records: readonly IdentifiedRecord[],
    ends: LogEnds,
    signal: AbortSignal,
  ): Promise<void> {
    await this.#append({ records, ends, freshUntil: Number.NEGATIVE_INFINITY }, signal)
  }

  async #append({ records, ends, freshUntil }: NotedRecords, signal: AbortSignal): Promise<void> {
    const { log, clock } = this.#options
    let isFirst = true
    await this.#retry(async () => {
      const isFresh = isFirst && clock.now() < freshUntil
      isFirst = false
      const missing = isFresh ? records : await this.#missing(records, ends, signal)
      if (missing.length === 0) return
      await log.append(
        missing.map(({ record }) => record),
        signal,
      )
    }, signal)
  }

  async #missing(
    records: readonly IdentifiedRecord[],
    ends: LogEnds,
    signal: AbortSignal,
  ): Promise<readonly IdentifiedRecord[]> {
    const ids = new Set(records.map(({ id }) => id))
    const appended = await appendedIds(ids, ends, this.#options, signal)
    const missing = records.filter(({ id }) => !appended.has(id))
    this.#options.logger.info(
      { inDoubt: records.length, missing: missing.length },
      'read in the log which records it has',
    )
    return missing
  }
}

interface NotedRecords {
  readonly records: readonly IdentifiedRecord[]
  /** Where the log ended before any of them was appended. */
  readonly ends: LogEnds
  readonly freshUntil: number
}
