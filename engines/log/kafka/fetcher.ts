import type { Logger } from 'pino'
import type { Clock } from '#engines/clock/port.ts'
import { EngineError } from '#engines/errors.ts'
import type { Partition } from '../port.ts'
import type { Cluster } from './cluster.ts'
import type { Connections } from './connections.ts'
import { CODE, checkCode, engineErrorOf, protocolFailure } from './kafka-errors.ts'
import { byTopic, nameOf } from './offsets.ts'
import { PartitionBuffer, type Wanted } from './partition-buffer.ts'
import type { FetchAnswer, NodeAddress, PartitionAnswer } from './protocol.ts'
import { readCommitted } from './read-committed.ts'

/** How long a broker holds a request that finds nothing; a partition newly asked for waits so long at most. */
const HOLD_MS = 250
/** The same while a buffer is full: it will have room again soon. */
const HOLD_BRIEFLY_MS = 50
const ANSWER_BYTES_MAX = 16 * 1024 * 1024
/** Fetched ahead by one membership, shared among its partitions. */
const AHEAD_BYTES = 32 * 1024 * 1024
const AHEAD_BYTES_MIN = 512 * 1024
const AHEAD_BYTES_MAX = 4 * 1024 * 1024
const RETRY_MS = 200

interface FetcherOptions {
  readonly cluster: Cluster
  readonly clock: Clock
  readonly logger: Logger | undefined
}

interface Asked {
  readonly buffer: PartitionBuffer
  readonly wanted: Wanted
}

/**
 * Fills the buffers of one membership: one request at a time to each broker, for all partitions that it leads and whose
 * buffers have room. What fails is tried again until nobody wants it any more.
 */
export class Fetcher implements AsyncDisposable {
  readonly #options: FetcherOptions
  readonly #connections: Connections
  readonly #buffers = new Set<PartitionBuffer>()
  readonly #asking = new Map<NodeAddress, Promise<void>>()
  readonly #closing = new AbortController()
  #isPumpDue = false

  constructor(options: FetcherOptions) {
    this.#options = options
    this.#connections = options.cluster.connections()
  }

  /** A buffer for the partition; `onChange` is called when it is worth to look at it again. */
  open(at: Partition, onChange: () => void): PartitionBuffer {
    const buffer = new PartitionBuffer(at, { bytesMax: () => this.#bytesMax(), onChange })
    this.#buffers.add(buffer)
    return buffer
  }

  close(buffer: PartitionBuffer): void {
    this.#buffers.delete(buffer)
  }

  /** To be called when a buffer may want something; what is called for in one turn goes out together. */
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
    await Promise.all(this.#asking.values())
  }

  #pump(): void {
    const { cluster } = this.#options
    const byLeader = new Map<NodeAddress | undefined, Asked[]>()
    for (const buffer of this.#buffers) {
      const { wanted } = buffer
      if (wanted === undefined) continue
      const leader = cluster.leader(buffer.at.topic, buffer.at.partition)
      const asked = byLeader.get(leader)
      if (asked === undefined) byLeader.set(leader, [{ buffer, wanted }])
      else asked.push({ buffer, wanted })
    }
    for (const [leader, asked] of byLeader) this.#start(leader ?? NOWHERE, asked)
  }

  #start(leader: NodeAddress, asked: readonly Asked[]): void {
    if (this.#asking.has(leader) || this.#closing.signal.aborted) return
    const asking = this.#ask(leader, asked).finally(() => {
      this.#asking.delete(leader)
      this.pump()
    })
    this.#asking.set(leader, asking)
  }

  async #ask(leader: NodeAddress, asked: readonly Asked[]): Promise<void> {
    try {
      if (leader === NOWHERE) throw leaderless(asked)
      const trouble = accept(asked, await this.#fetch(leader, asked))
      if (trouble !== undefined) await this.#rest(trouble)
    } catch (error) {
      const doing = `cannot fetch from ${leader.host}:${leader.port}`
      const trouble = engineErrorOf(error, doing)
      for (const { buffer, wanted } of asked) buffer.fail(wanted.turn, trouble)
      await this.#rest(trouble)
    }
  }

  #fetch(leader: NodeAddress, asked: readonly Asked[]): Promise<FetchAnswer> {
    // Where an answer is full, the last ones get nothing: let others be last next time.
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

  /** Somebody else may lead by now. */
  async #rest(trouble: EngineError): Promise<void> {
    const { cluster, clock, logger } = this.#options
    if (this.#closing.signal.aborted) return
    logger?.debug({ err: trouble }, 'fetching from the log failed; trying again')
    await cluster.refresh().catch(() => undefined)
    await clock.sleep(RETRY_MS, this.#closing.signal)
  }

  #bytesMax(): number {
    const share = AHEAD_BYTES / Math.max(1, this.#buffers.size)
    return Math.min(AHEAD_BYTES_MAX, Math.max(AHEAD_BYTES_MIN, share))
  }
}

/** Stands for the leader of partitions that have none. */
const NOWHERE: NodeAddress = { host: 'nowhere', port: 0 }

function leaderless(asked: readonly Asked[]): EngineError {
  const names = asked.map(({ buffer }) => nameOf(buffer.at)).join(', ')
  return new EngineError('ENGINE_UNAVAILABLE', `no broker leads ${names} just now`)
}

/** Gives each buffer its part. Returns what went wrong with one, if it may be different next time. */
function accept(asked: readonly Asked[], answer: FetchAnswer): EngineError | undefined {
  checkCode(answer.errorCode, 'cannot fetch')
  const byName = new Map(asked.map((each) => [nameOf(each.buffer.at), each]))
  let trouble: EngineError | undefined
  for (const { topic, partitions } of answer.topics) {
    for (const partition of partitions) {
      const each = byName.get(nameOf({ topic, partition: partition.partition }))
      if (each !== undefined) trouble = acceptPartition(each, partition) ?? trouble
    }
  }
  return trouble
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
  const trouble = protocolFailure(answer.errorCode, `cannot fetch ${nameOf(buffer.at)}`)
  buffer.fail(turn, trouble)
  return trouble
}
