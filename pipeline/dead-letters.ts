import type { Clock } from '#engines/clock/port.ts'
import type { LogRecord, NewRecord, Partition } from '#engines/log/port.ts'
import { DEAD_LETTERS } from '#schemas/tables.ts'
import { deadLetterTopic, type TopicName } from '#schemas/topics.ts'
import type { RetryingLog, RetryingTables } from './retrying.ts'

/** More dead letters than this in a minute stop the partition: that is a bad deploy, not bad data. */
export const DEAD_LETTERS_PER_MINUTE_MAX = 1_000
/** And so does a larger share than this, once there are enough of them to speak of a share. */
export const DEAD_LETTER_SHARE_MAX = 0.01
export const DEAD_LETTERS_FOR_A_SHARE = 100

/** A record that could not be processed. */
export interface DeadLetter {
  readonly record: LogRecord
  readonly stage: 'decode' | 'process'
  readonly reason: string
}

interface DeadLettersOptions {
  readonly log: Pick<RetryingLog, 'append'>
  readonly tables: RetryingTables
  readonly clock: Clock
}

/**
 * Stores records that could not be processed: the original bytes with the reason in `<topic>.dlq`, and a row in
 * `dead_letters` that the ledger counts. After a take-over both may be written again; the table keeps one row a record.
 */
export class DeadLetters {
  readonly #options: DeadLettersOptions

  constructor(options: DeadLettersOptions) {
    this.#options = options
  }

  /** Durable in both places when it resolves. */
  async write(
    source: Partition & { readonly topic: TopicName },
    letters: readonly DeadLetter[],
  ): Promise<void> {
    if (letters.length === 0) return
    const { log, tables, clock } = this.#options
    const origin = { _topic: source.topic, _partition: source.partition }
    await log.append(letters.map((letter) => deadLetterRecord(source, letter)))
    await tables.insert(
      DEAD_LETTERS,
      letters.map(({ record, stage, reason }) => ({
        ...origin,
        _offset: record.offset,
        stage,
        reason,
        value_base64: Buffer.from(record.value ?? []).toString('base64'),
        failed_at: clock.now(),
      })),
    )
  }
}

/** What goes to `<topic>.dlq`: the original bytes and headers, and why. */
export function deadLetterRecord(source: Partition, letter: DeadLetter): NewRecord {
  const { record, stage, reason } = letter
  return {
    topic: deadLetterTopic(source.topic),
    key: record.key,
    value: record.value,
    headers: {
      ...record.headers,
      'freshet.topic': source.topic,
      'freshet.partition': String(source.partition),
      'freshet.offset': String(record.offset),
      'freshet.stage': stage,
      'freshet.reason': reason,
    },
  }
}

/** Thrown to stop a partition whose records fail in such numbers that the code must be at fault. */
export class DeadLetterFlood extends Error {
  override readonly name = 'DeadLetterFlood'
}

/** Counts the dead letters of one partition, minute by minute. */
export class DeadLetterRate {
  #minute = 0
  #records = 0
  #dead = 0

  /** @throws DeadLetterFlood when too many records of this minute could not be processed */
  observe(now: number, records: number, dead: number): void {
    const minute = Math.floor(now / 60_000)
    if (minute !== this.#minute) {
      this.#minute = minute
      this.#records = 0
      this.#dead = 0
    }
    this.#records += records
    this.#dead += dead
    const share = this.#dead / this.#records
    const isFlood =
      this.#dead > DEAD_LETTERS_PER_MINUTE_MAX ||
      (this.#dead >= DEAD_LETTERS_FOR_A_SHARE && share > DEAD_LETTER_SHARE_MAX)
    if (!isFlood) return
    throw new DeadLetterFlood(
      `${this.#dead} of ${this.#records} records in this minute could not be processed (limits: ${DEAD_LETTERS_PER_MINUTE_MAX} a minute, ${DEAD_LETTER_SHARE_MAX * 100} %); the partition stops: look at the newest dead letters, fix the producer or the processor, and start again`,
    )
  }
}
