import crc32C from 'kafkajs/src/protocol/recordBatch/crc32C/crc32C.js'
import type { NewRecord } from '../port.ts'
import { HEADER_BYTES, LENGTH_PREFIX_BYTES } from './record-batch.ts'

const INITIAL_BYTES = 4_096
/** What the checksum covers begins here, at the attributes. */
const CHECKED_FROM = 21
/** A record's length, attributes, timestamp, offset and the counts of the rest, at most. */
const RECORD_OVERHEAD_BYTES = 5 + 1 + 1 + 5 + 5 + 5 + 5
const HEADER_OVERHEAD_BYTES = 10

/** How many bytes a record takes in a batch, at most. */
export function recordBytesMax({ key, value, headers }: NewRecord): number {
  let bytes = RECORD_OVERHEAD_BYTES + Buffer.byteLength(key ?? '') + (value?.length ?? 0)
  for (const [name, text] of Object.entries(headers ?? {}))
    bytes += HEADER_OVERHEAD_BYTES + Buffer.byteLength(name) + Buffer.byteLength(text)
  return bytes
}

/** Writes records as one batch (Kafka protocol guide, "Record Batch"), all with one timestamp and uncompressed. */
export class BatchBuilder {
  #buffer = Buffer.allocUnsafe(INITIAL_BYTES)
  #end = HEADER_BYTES
  count = 0

  get bytes(): number {
    return this.#end
  }

  add(record: NewRecord): void {
    this.#reserve(recordBytesMax(record))
    const { key, value, headers = {} } = record
    const named = Object.entries(headers)
    // The length comes first and is short: write the body behind room for the longest, then move it up.
    const start = this.#end
    this.#end += 5
    this.#buffer[this.#end++] = 0 // attributes
    this.#varint(0) // timestamp: that of the batch
    this.#varint(this.count)
    this.#text(key)
    this.#bytes(value)
    this.#varint(named.length)
    for (const [name, text] of named) {
      this.#text(name)
      this.#text(text)
    }
    const body = start + 5
    const end = this.#end
    this.#end = start
    this.#varint(end - body)
    this.#buffer.copyWithin(this.#end, body, end)
    this.#end += end - body
    this.count += 1
  }

  /** The finished batch; add nothing afterwards. `timestamp` is in UTC milliseconds. */
  take(timestamp: number): Buffer {
    const batch = this.#buffer.subarray(0, this.#end)
    batch.writeBigInt64BE(0n, 0) // first offset: the broker assigns it
    batch.writeInt32BE(this.#end - LENGTH_PREFIX_BYTES, 8)
    batch.writeInt32BE(-1, 12) // leader epoch: the broker's
    batch.writeInt8(2, 16) // magic
    batch.writeInt16BE(0, 21) // attributes
    batch.writeInt32BE(this.count - 1, 23)
    batch.writeBigInt64BE(BigInt(timestamp), 27)
    batch.writeBigInt64BE(BigInt(timestamp), 35)
    batch.writeBigInt64BE(-1n, 43) // producer id: none
    batch.writeInt16BE(-1, 51) // producer epoch
    batch.writeInt32BE(-1, 53) // first sequence
    batch.writeInt32BE(this.count, 57)
    batch.writeUInt32BE(crc32C(batch.subarray(CHECKED_FROM)), 17)
    return batch
  }

  #text(text: string | null): void {
    if (text === null) {
      this.#varint(-1)
      return
    }
    this.#varint(Buffer.byteLength(text))
    this.#end += this.#buffer.write(text, this.#end)
  }

  #bytes(bytes: Uint8Array | null): void {
    if (bytes === null) {
      this.#varint(-1)
      return
    }
    this.#varint(bytes.length)
    this.#buffer.set(bytes, this.#end)
    this.#end += bytes.length
  }

  #varint(value: number): void {
    let bits = ((value << 1) ^ (value >> 31)) >>> 0
    while (bits >= 0x80) {
      this.#buffer[this.#end++] = (bits & 0x7f) | 0x80
      bits >>>= 7
    }
    this.#buffer[this.#end++] = bits
  }

  #reserve(bytes: number): void {
    const needed = this.#end + bytes
    if (needed <= this.#buffer.length) return
    const larger = Buffer.allocUnsafe(Math.max(needed, this.#buffer.length * 2))
    this.#buffer.copy(larger, 0, 0, this.#end)
    this.#buffer = larger
  }
}
