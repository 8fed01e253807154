import { gunzipSync, zstdDecompressSync } from 'node:zlib'
import { corrupt, refused } from '#engines/errors.ts'
import type { LogRecord } from '../port.ts'
import { VarintReader } from './varint-reader.ts'

/** Bytes of a batch before its records, and before what its length field counts. */
export const HEADER_BYTES = 61
export const LENGTH_PREFIX_BYTES = 12
const MAGIC = 2

const COMPRESSION_MASK = 0x07
const LOG_APPEND_TIME = 0x08
const TRANSACTIONAL = 0x10
const CONTROL = 0x20

const DECOMPRESS: Readonly<Record<number, (bytes: Buffer) => Buffer>> = {
  0: (bytes) => bytes,
  1: gunzipSync,
  4: zstdDecompressSync,
}
const COMPRESSIONS = ['none', 'gzip', 'snappy', 'lz4', 'zstd']

/**
 * A record batch as brokers send it (Kafka protocol guide, "Record Batch", magic 2). Records are decoded one by one when
 * they are taken; until then they cost no more memory than on the wire.
 */
export class RecordBatch {
  readonly firstOffset: number
  /** Of the last record when the batch was written; compaction may have removed it. */
  readonly lastOffset: number
  readonly bytes: number
  readonly producerId: bigint
  readonly #buffer: Buffer
  readonly #attributes: number
  readonly #firstTimestamp: number
  readonly #maxTimestamp: number
  #left: number
  #records: VarintReader | undefined

  constructor(buffer: Buffer) {
    const magic = buffer.readInt8(16)
    if (magic !== MAGIC)
      throw corrupt(
        `a record batch has format ${magic}, not ${MAGIC}: check that the broker is Kafka >= 4.0`,
      )
    this.#buffer = buffer
    this.bytes = buffer.length
    this.firstOffset = Number(buffer.readBigInt64BE(0))
    this.#attributes = buffer.readInt16BE(21)
    this.lastOffset = this.firstOffset + buffer.readInt32BE(23)
    this.#firstTimestamp = Number(buffer.readBigInt64BE(27))
    this.#maxTimestamp = Number(buffer.readBigInt64BE(35))
    this.producerId = buffer.readBigInt64BE(43)
    this.#left = buffer.readInt32BE(57)
  }

  /** Written by the broker to end a transaction; consumers never see it. */
  get isControl(): boolean {
    return (this.#attributes & CONTROL) !== 0
  }

  /** Of a control batch: the second field of its record's key (Kafka protocol guide, "Control Batches"). */
  get controlType(): number | undefined {
    const reader = new VarintReader(this.#decompressed())
    reader.varint() // length
    reader.skip(1) // attributes
    reader.varlong() // timestamp
    reader.varint() // offset
    return reader.bytes()?.readInt16BE(2)
  }

  get isTransactional(): boolean {
    return (this.#attributes & TRANSACTIONAL) !== 0
  }

  get done(): boolean {
    return this.#left === 0
  }

  /** Drops the records that have not been taken. */
  skip(): void {
    this.#left = 0
  }

  /** How many bytes the next record takes. */
  get nextSize(): number {
    return this.#reader().peekVarint()
  }

  next(): LogRecord {
    const reader = this.#reader()
    reader.varint() // length
    reader.skip(1) // attributes: none are in use
    const timestamp = reader.varlong() + this.#firstTimestamp
    const offset = reader.varint() + this.firstOffset
    const key = reader.bytes()
    const value = reader.bytes()
    const headers: [name: string, text: string][] = []
    for (let left = reader.varint(); left > 0; left--)
      headers.push([reader.bytes()?.toString() ?? '', reader.bytes()?.toString() ?? ''])
    this.#left--
    const isStampedByLog = (this.#attributes & LOG_APPEND_TIME) !== 0
    return {
      offset,
      key: key === null ? null : key.toString(),
      value,
      headers: Object.fromEntries(headers),
      timestamp: isStampedByLog ? this.#maxTimestamp : timestamp,
    }
  }

  #reader(): VarintReader {
    this.#records ??= new VarintReader(this.#decompressed())
    return this.#records
  }

  #decompressed(): Buffer {
    const compression = this.#attributes & COMPRESSION_MASK
    const decompress = DECOMPRESS[compression]
    if (decompress !== undefined) return decompress(this.#buffer.subarray(HEADER_BYTES))
    throw refused(
      `records are compressed with ${COMPRESSIONS[compression] ?? compression}, which Freshet does not read; set compression.type=zstd on the topic, then the broker recompresses them`,
    )
  }
}

/** The batches of a fetch answer; a last one that is cut off is dropped. */
export function splitBatches(records: Buffer): RecordBatch[] {
  const batches: RecordBatch[] = []
  let start = 0
  while (start + LENGTH_PREFIX_BYTES <= records.length) {
    const end = start + LENGTH_PREFIX_BYTES + records.readInt32BE(start + 8)
    if (end > records.length) break
    batches.push(new RecordBatch(records.subarray(start, end)))
    start = end
  }
  return batches
}
