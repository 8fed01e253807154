import type { Logger } from 'pino'
import type { Clock } from '#engines/clock/port.ts'
import type { EngineError } from '#engines/errors.ts'
import type { Partition } from '../port.ts'
import { type Brokers, leaderless, NO_LEADER } from './brokers.ts'
import type { Connections } from './connections.ts'
import { CODE, checkCode, engineErrorOf, protocolFailure } from './kafka-errors.ts'
import { byTopic, nameOf } from './offsets.ts'
import { PartitionBuffer, type Wanted } from './partition-buffer.ts'
import type { FetchAnswer, NodeAddress, PartitionAnswer } from './protocol.ts'
import { readCommitted } from './read-committed.ts'

/** How long a broker holds a fetch that finds nothing. A partition that is added waits no longer than this for its turn. */
const HOLD_MS = 250
/** The same while a buffer is full, because it soon has room again. */
const HOLD_BRIEFLY_MS = 50
const ANSWER_BYTES_MAX = 16 * 1024 * 1024
/** Prefetched by one membership, shared among its partitions. */
const AHEAD_BYTES = 32 * 1024 * 1024
const AHEAD_BYTES_MIN = 512 * 1024
const AHEAD_BYTES_MAX = 4 * 1024 * 1024
const RETRY_MS = 200

interface FetcherOptions {
  readonly brokers: Brokers
  readonly clock: Clock
  readonly logger: Logger | undefined
}

interface Asked {
  readonly buffer: PartitionBuffer
  readonly wanted: Wanted
}

/**
 * Fills the buffers of one membership: one request at a time to each broker, for all partitions that it leads and whose
 * buffers have room. A failed fetch is retried for as long as a buffer wants it.
 */
export class Fetcher implements AsyncDisposable {
  readonly #options: FetcherOptions
  readonly #connections: Connections
  readonly #buffers = new Set<PartitionBuffer>()
  readonly #fetching = new Map<NodeAddress, Promise<void>>()
  readonly #closing = new AbortController()
  #isPumpDue = false

  constructor(options: FetcherOptions) {
    this.#options = options
    this.#connections = options.brokers.connections()
  }

  /** A buffer for the partition; `onChange` is called when its content or state has changed. */
  open(at: Partition, onChange: () => void): PartitionBuffer {
    const buffer = new PartitionBuffer(at, { bytesMax: () => this.#bytesMax(), onChange })
    this.#buffers.add(buffer)
    return buffer
  }

  close(buffer: PartitionBuffer): void {
    this.#buffers.delete(buffer)
  }

  /** To be called when a buffer may have room. Calls in one turn of the event loop become one request. */
  pump(): void {
    if (this.#isPumpDue || this.#closing.signal.aborted) return
    this.#isPumpDue = true
    setImmediate(() => {
      this.#isPumpDue = false
      this.#pump()
    })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#buffers.clear()
    this.#closing.abort()
    await this.#connections[Symbol.asyncDispose]()
    await Promise.all(this.#fetching.values())
  }

  #pump(): void {
    const { brokers } = this.#options
    const byLeader = new Map<NodeAddress | undefined, Asked[]>()
    for (const buffer of this.#buffers) {
      const { wanted } = buffer
      if (wanted === undefined) continue
      const leader = brokers.leader(buffer.at.topic, buffer.at.partition)
      const asked = byLeader.get(leader)
      if (asked === undefined) byLeader.set(leader, [{ buffer, wanted }])
      else asked.push({ buffer, wanted })
    }
    for (const [leader, asked] of byLeader) this.#start(leader ?? NO_LEADER, asked)
  }

  #start(leader: NodeAddress, asked: readonly Asked[]): void {
    if (this.#fetching.has(leader) || this.#closing.signal.aborted) return
    const fetching = this.#ask(leader, asked).finally(() => {
      this.#fetching.delete(leader)
      this.pump()
    })
    this.#fetching.set(leader, fetching)
  }

  async #ask(leader: NodeAddress, asked: readonly Asked[]): Promise<void> {
    try {
      if (leader === NO_LEADER) throw leaderless(asked.map(({ buffer }) => buffer.at))
      const failure = accept(asked, await this.#fetch(leader, asked))
      if (failure !== undefined) await this.#backOff(failure)
    } catch (error) {
      const doing = `cannot fetch from ${leader.host}:${leader.port}`
      const failure = engineErrorOf(error, doing)
      for (const { buffer, wanted } of asked) buffer.fail(wanted.turn, failure)
      await this.#backOff(failure)
    }
  }

  #fetch(leader: NodeAddress, asked: readonly Asked[]): Promise<FetchAnswer> {
    // An answer that is full has nothing for the last partitions: rotate them.
    for (const { buffer } of asked.slice(0, 1)) {
      this.#buffers.delete(buffer)
      this.#buffers.add(buffer)
    }
    return this.#connections.send(leader, 'Fetch', {
      maxWaitTime: [...this.#buffers].some(({ isFull }) => isFull) ? HOLD_BRIEFLY_MS : HOLD_MS,
      minBytes: 1,
      maxBytes: ANSWER_BYTES_MAX,
      topics: byTopic(
        asked.map(({ buffer: { at }, wanted }) => ({ ...at, ...wanted })),
        ({ partition, offset, maxBytes }) => ({ partition, fetchOffset: offset, maxBytes }),
      ),
    })
  }

  /** Waits, and asks for the leaders: another broker may lead by now. */
  async #backOff(failure: EngineError): Promise<void> {
    const { brokers, clock, logger } = this.#options
    if (this.#closing.signal.aborted) return
    logger?.debug({ err: failure }, 'fetching from the log failed; trying again')
    await brokers.refresh().catch(() => undefined)
    await clock.sleep(RETRY_MS, this.#closing.signal)
  }

  #bytesMax(): number {
    const share = AHEAD_BYTES / Math.max(1, this.#buffers.size)
    return Math.min(AHEAD_BYTES_MAX, Math.max(AHEAD_BYTES_MIN, share))
  }
}

/** Gives each buffer its part of the answer. Returns the failure of one of them, for the caller to back off. */
function accept(asked: readonly Asked[], answer: FetchAnswer): EngineError | undefined {
  checkCode(answer.errorCode, 'cannot fetch')
  const byName = new Map(asked.map((each) => [nameOf(each.buffer.at), each]))
  let failure: EngineError | undefined
  for (const { topic, partitions } of answer.topics) {
    for (const partition of partitions) {
      const each = byName.get(nameOf({ topic, partition: partition.partition }))
      if (each !== undefined) failure = acceptPartition(each, partition) ?? failure
    }
  }
  return failure
}

function acceptPartition(
  { buffer, wanted: { turn, offset } }: Asked,
  answer: PartitionAnswer,
): EngineError | undefined {
  if (answer.errorCode === CODE.OFFSET_OUT_OF_RANGE) {
    buffer.miss(turn)
    return undefined
  }
  if (answer.errorCode === CODE.NONE) {
    buffer.accept(readCommitted(answer, offset), { turn, end: answer.end })
    return undefined
  }
  const failure = protocolFailure(answer.errorCode, `cannot fetch ${nameOf(buffer.at)}`)
  buffer.fail(turn, failure)
  return failure
}
