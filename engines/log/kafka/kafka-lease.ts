import type { Clock } from '#engines/clock/port.ts'
import { EngineError, refused } from '#engines/errors.ts'
import { checkMetadata } from '../log-errors.ts'
import type { Commit, FetchLimits, Lease, LogRecord } from '../port.ts'
import type { Fetcher } from './fetcher.ts'
import { nameOf } from './offsets.ts'
import type { PartitionBuffer } from './partition-buffer.ts'

interface LeaseOptions {
  readonly committed: Commit
  readonly epoch: number
  readonly fetcher: Fetcher
  readonly clock: Clock
  /** Sets the group's position. Undefined: nothing is committed. */
  readonly commit: ((lease: KafkaLease, commit: Commit) => Promise<void>) | undefined
}

export class KafkaLease implements Lease {
  readonly topic: string
  readonly partition: number
  readonly epoch: number
  readonly committed: Commit
  readonly #options: LeaseOptions
  readonly #buffer: PartitionBuffer
  readonly #ending = new AbortController()
  readonly #waiting = new Set<AbortController>()

  constructor(options: LeaseOptions) {
    const { topic, partition } = options.committed
    this.topic = topic
    this.partition = partition
    this.epoch = options.epoch
    this.committed = options.committed
    this.#options = options
    this.#buffer = options.fetcher.open({ topic, partition }, () => this.#wake())
  }

  get signal(): AbortSignal {
    return this.#ending.signal
  }

  /** From here on, fetches and commits are refused. */
  lose(why: string): void {
    if (this.signal.aborted) return
    this.#options.fetcher.close(this.#buffer)
    const message = `the lease of ${nameOf(this)} (epoch ${this.epoch}) is lost: ${why}`
    this.#ending.abort(new EngineError('LEASE_LOST', message))
    this.#wake()
  }

  async fetch(
    offset: number,
    limits: FetchLimits,
    signal?: AbortSignal,
  ): Promise<readonly LogRecord[]> {
    const { fetcher, clock } = this.#options
    this.#check(signal)
    checkOffset(offset, this)
    this.#buffer.seek(offset)
    const deadline = clock.now() + limits.waitMs
    const wake = () => this.#wake()
    signal?.addEventListener('abort', wake)
    try {
      for (;;) {
        const records = this.#buffer.take(offset, limits)
        fetcher.pump()
        if (records.length > 0 || this.#isOver(deadline)) return records
        await this.#changed(deadline)
        this.#check(signal)
      }
    } finally {
      signal?.removeEventListener('abort', wake)
    }
  }

  async commit(offset: number, metadata: string): Promise<void> {
    this.signal.throwIfAborted()
    const { commit } = this.#options
    if (commit === undefined) throw refused('a member without a group cannot commit')
    checkMetadata(metadata)
    await commit(this, { topic: this.topic, partition: this.partition, offset, metadata })
  }

  #check(signal: AbortSignal | undefined): void {
    this.signal.throwIfAborted()
    signal?.throwIfAborted()
  }

  /** True when the time is over and a broker confirmed that there is nothing. @throws EngineError of the last attempt */
  #isOver(deadline: number): boolean {
    if (this.#options.clock.now() < deadline) return false
    if (this.#buffer.lastError !== undefined) throw this.#buffer.lastError
    return this.#buffer.isAtEnd
  }

  /** Waits until the buffer changes; until the deadline, or without one once it has passed. */
  async #changed(deadline: number): Promise<void> {
    const { clock } = this.#options
    const left = deadline - clock.now()
    const awake = new AbortController()
    this.#waiting.add(awake)
    await clock.sleep(left > 0 ? left : Number.MAX_SAFE_INTEGER, awake.signal)
    this.#waiting.delete(awake)
  }

  #wake(): void {
    for (const awake of this.#waiting) awake.abort()
  }
}

function checkOffset(offset: number, at: KafkaLease): void {
  if (Number.isSafeInteger(offset) && offset >= 0) return
  throw new EngineError('OFFSET_OUT_OF_RANGE', `${nameOf(at)} has no offset ${offset}`)
}
