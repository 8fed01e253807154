import type { IPolicy } from 'cockatiel'
import type { Logger } from 'pino'
import type { Clock } from '#engines/clock/port.ts'
import type { Log, NewRecord } from '#engines/log/port.ts'
import type { EventCodec } from '#pipeline/event-codec.ts'
import { untilItAnswers } from '#pipeline/retry.ts'
import { appendedIds } from './appended-ids.ts'
import { type LogEnds, logEnds } from './log-ends.ts'

/** A process that slept for longer between noting and appending may have been replaced: it looks before it appends. */
export const NOTE_FRESH_MS = 10_000

export interface OnceAppenderOptions {
  readonly log: Pick<Log, 'append' | 'bounds' | 'join'>
  readonly codec: EventCodec
  readonly clock: Clock
  readonly logger: Logger
}

export interface IdentifiedRecord {
  readonly id: string
  readonly record: NewRecord
}

export interface NotedRecords {
  readonly records: readonly IdentifiedRecord[]
  /** Where the log ended when these records were noted, before anybody appended one of them. */
  readonly ends: LogEnds
  /** When this process noted them; undefined when another did, which may have appended any of them. */
  readonly notedAt: number | undefined
}

/**
 * Appends each record once, however often it is tried and by whom: only the first attempt at what was noted just now
 * appends without asking. Every other one, after an error or a crash, first reads in the log which records are there,
 * so that it does not matter for how long the log, or we, were down.
 */
export class OnceAppender {
  readonly #options: OnceAppenderOptions
  readonly #untilLogAnswers: IPolicy

  constructor(options: OnceAppenderOptions) {
    this.#options = options
    this.#untilLogAnswers = untilItAnswers('log', options.logger)
  }

  /** Where the log ends now, to be noted before `append`. */
  ends(records: readonly IdentifiedRecord[], signal: AbortSignal): Promise<LogEnds> {
    const topics = [...new Set(records.map(({ record }) => record.topic))]
    return this.#untilLogAnswers.execute(() => logEnds(this.#options.log, topics), signal)
  }

  /** Resolves when all records are durable. Waits for a log that is down or full. @throws the signal's reason */
  async append({ records, ends, notedAt = -Infinity }: NotedRecords, signal: AbortSignal) {
    const { log, clock, logger } = this.#options
    let freshUntil = notedAt + NOTE_FRESH_MS
    await this.#untilLogAnswers.execute(async () => {
      signal.throwIfAborted()
      const isFresh = clock.now() < freshUntil
      freshUntil = -Infinity
      const missing = isFresh ? records : await this.#missing(records, ends, signal)
      if (!isFresh)
        logger.info({ records: records.length, missing: missing.length }, 'looked for the records')
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
    return records.filter(({ id }) => !appended.has(id))
  }
}
