import type { AbortedTransaction, FetchAnswer, OfTopic, PartitionAnswer } from './protocol.ts'

/**
 * Reads a Fetch Response, version 11 (Kafka protocol guide, "Fetch API"). The records stay as they are: they are views
 * of the payload.
 */
export async function decodeFetchAnswer(payload: Buffer): Promise<FetchAnswer> {
  const wire = new Wire(payload)
  wire.int32() // throttle_time_ms: the broker has waited already
  const errorCode = wire.int16()
  wire.int32() // session_id
  return { errorCode, topics: wire.array(() => topicOf(wire)) }
}

function topicOf(wire: Wire): OfTopic<PartitionAnswer> {
  return { topic: wire.string(), partitions: wire.array(() => partitionOf(wire)) }
}

function partitionOf(wire: Wire): PartitionAnswer {
  const partition = wire.int32()
  const errorCode = wire.int16()
  wire.int64() // high_watermark: readers of committed records stop at the last stable offset
  const end = Number(wire.int64())
  wire.int64() // log_start_offset
  const abortedTransactions = wire.array((): AbortedTransaction => {
    return { producerId: wire.int64(), firstOffset: Number(wire.int64()) }
  })
  wire.int32() // preferred_read_replica
  return { partition, errorCode, end, abortedTransactions, records: wire.bytes() }
}

class Wire {
  readonly #buffer: Buffer
  #offset = 0

  constructor(buffer: Buffer) {
    this.#buffer = buffer
  }

  int16(): number {
    return this.#buffer.readInt16BE(this.#take(2))
  }

  int32(): number {
    return this.#buffer.readInt32BE(this.#take(4))
  }

  int64(): bigint {
    return this.#buffer.readBigInt64BE(this.#take(8))
  }

  string(): string {
    const length = this.int16()
    const start = this.#take(length)
    return this.#buffer.toString('utf8', start, start + length)
  }

  /** Empty where the length says null. */
  bytes(): Buffer {
    const length = Math.max(0, this.int32())
    const start = this.#take(length)
    return this.#buffer.subarray(start, start + length)
  }

  /** Empty where the length says null. */
  array<T>(element: () => T): T[] {
    return Array.from({ length: Math.max(0, this.int32()) }, element)
  }

  #take(bytes: number): number {
    const start = this.#offset
    this.#offset += bytes
    return start
  }
}
