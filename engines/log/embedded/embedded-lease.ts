import { setImmediate } from 'node:timers/promises'
import type { Clock } from '#engines/clock/port.ts'
import { EngineError, refused } from '#engines/errors.ts'
import { checkMetadata } from '../log-errors.ts'
import type { Commit, FetchLimits, Lease, LogRecord } from '../port.ts'
import { FetchResult } from './fetch-result.ts'
import type { PartitionLog } from './partition-log.ts'
import type { Reader } from './reader.ts'
import type { Writer } from './writer.ts'

/** What leases need of the open log. */
export interface LogParts {
  readonly clock: Clock
  readonly reader: Reader
  readonly writer: Writer
}

interface LeaseOptions {
  /** Null: nothing is committed. */
  readonly group: string | null
  readonly partition: PartitionLog
  readonly epoch: number
  readonly committed: Commit
}

export class EmbeddedLease implements Lease {
  readonly topic: string
  readonly partition: number
  readonly epoch: number
  readonly committed: Commit
  readonly #parts: LogParts
  readonly #group: string | null
  readonly #log: PartitionLog
  readonly #ending = new AbortController()

  constructor(parts: LogParts, { group, partition, epoch, committed }: LeaseOptions) {
    this.topic = partition.topic
    this.partition = partition.partition
    this.epoch = epoch
    this.committed = committed
    this.#parts = parts
    this.#group = group
    this.#log = partition
  }

  get signal(): AbortSignal {
    return this.#ending.signal
  }

  /** From here on, fetches and commits are refused. */
  lose(why: string): void {
    if (this.signal.aborted) return
    const message = `the lease of ${this.#log.name} (epoch ${this.epoch}) is lost: ${why}`
    this.#ending.abort(new EngineError('LEASE_LOST', message))
  }

  async fetch(
    offset: number,
    limits: FetchLimits,
    signal?: AbortSignal,
  ): Promise<readonly LogRecord[]> {
    this.#check(signal)
    this.#checkOffset(offset)
    if (offset === this.#log.end) {
      await this.#arrival(limits.waitMs, signal)
      this.#check(signal)
    }
    const result = new FetchResult(limits)
    while (this.#parts.reader.read(this.#log, offset + result.records.length, result)) {
      await setImmediate()
      this.#check(signal)
    }
    return result.records
  }

  async commit(offset: number, metadata: string): Promise<void> {
    this.signal.throwIfAborted()
    if (this.#group === null) throw refused('a member without a group cannot commit')
    checkMetadata(metadata)
    await this.#parts.writer.change({
      kind: 'commit',
      group: this.#group,
      topic: this.#log.topicId,
      partition: this.partition,
      offset,
      metadata,
    })
  }

  #check(signal: AbortSignal | undefined): void {
    this.signal.throwIfAborted()
    signal?.throwIfAborted()
  }

  #checkOffset(offset: number): void {
    const { first, end } = this.#log
    if (Number.isSafeInteger(offset) && offset >= first && offset <= end) return
    throw new EngineError(
      'OFFSET_OUT_OF_RANGE',
      `offset ${offset} of ${this.#log.name} is not kept; the oldest is ${first}, the next to come ${end}`,
    )
  }

  /** Sleeps until a record arrives, the time is over or a signal aborts. */
  async #arrival(waitMs: number, signal: AbortSignal | undefined): Promise<void> {
    const waking = new AbortController()
    const wake = () => waking.abort()
    const forget = this.#log.onExtend(wake)
    this.signal.addEventListener('abort', wake)
    signal?.addEventListener('abort', wake)
    await this.#parts.clock.sleep(waitMs, waking.signal)
    forget()
    this.signal.removeEventListener('abort', wake)
    signal?.removeEventListener('abort', wake)
  }
}
