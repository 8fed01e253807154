import type { LogRecord, NewRecord } from '../port.ts'

/**
 * Records of one partition as bytes; integers are little-endian int32:
 *
 *     record  = keyBytes valueBytes headerBytes  key value headers     -1 bytes: the key or value is null
 *     headers = (nameBytes textBytes name text)*
 *
 * Offsets and timestamps are not stored for each record: they follow from those of the batch.
 */
const RECORD_HEAD_BYTES = 12
const HEADER_HEAD_BYTES = 8
const NULL_BYTES = -1
const NO_HEADERS: Readonly<Record<string, string>> = Object.freeze({})

/** A batch is closed when it reaches this size: reading one record costs reading and checking its batch. */
const BATCH_BYTES_MAX = 256 * 1024
const BATCH_BYTES_START = 8 * 1024

/** Takes records until it is full. */
export class StoredBatchBuilder {
  count = 0
  #size = 0
  #bytes = Buffer.allocUnsafeSlow(BATCH_BYTES_START)

  get isFull(): boolean {
    return this.#size >= BATCH_BYTES_MAX
  }

  /** The bytes written so far; add nothing afterwards. */
  take(): Uint8Array<ArrayBuffer> {
    return new Uint8Array(this.#bytes.buffer, 0, this.#size)
  }

  add(record: NewRecord): void {
    const { key, value, headers } = record
    this.#reserve(recordBytesMax(record))
    const head = this.#size
    const keyStart = head + RECORD_HEAD_BYTES
    const keyBytes = key === null ? NULL_BYTES : this.#bytes.write(key, keyStart)
    const valueStart = keyStart + Math.max(0, keyBytes)
    const headersStart = valueStart + (value?.length ?? 0)
    if (value !== null) this.#bytes.set(value, valueStart)
    const end = headers === undefined ? headersStart : this.#writeHeaders(headers, headersStart)
    this.#bytes.writeInt32LE(keyBytes, head)
    this.#bytes.writeInt32LE(value?.length ?? NULL_BYTES, head + 4)
    this.#bytes.writeInt32LE(end - headersStart, head + 8)
    this.#size = end
    this.count++
  }

  #writeHeaders(headers: Readonly<Record<string, string>>, start: number): number {
    let at = start
    for (const [name, text] of Object.entries(headers)) {
      const nameBytes = this.#bytes.write(name, at + HEADER_HEAD_BYTES)
      const textBytes = this.#bytes.write(text, at + HEADER_HEAD_BYTES + nameBytes)
      this.#bytes.writeInt32LE(nameBytes, at)
      this.#bytes.writeInt32LE(textBytes, at + 4)
      at += HEADER_HEAD_BYTES + nameBytes + textBytes
    }
    return at
  }

  #reserve(bytes: number): void {
    const needed = this.#size + bytes
    if (needed <= this.#bytes.length) return
    const larger = Buffer.allocUnsafeSlow(Math.max(needed, this.#bytes.length * 2))
    this.#bytes.copy(larger, 0, 0, this.#size)
    this.#bytes = larger
  }
}

/** An upper bound of the bytes that a record takes in a batch. */
export function recordBytesMax({ key, value, headers }: NewRecord): number {
  let bytes = RECORD_HEAD_BYTES + utf8BytesMax(key ?? '') + (value?.length ?? 0)
  if (headers === undefined) return bytes
  for (const [name, text] of Object.entries(headers)) {
    bytes += HEADER_HEAD_BYTES + utf8BytesMax(name) + utf8BytesMax(text)
  }
  return bytes
}

function utf8BytesMax(text: string): number {
  return text.length * 3
}

export interface StoredBatchPosition {
  readonly firstOffset: number
  readonly timestamp: number
}

/** Iterates over the records of a batch without copying: values are views of its bytes. */
export class StoredBatchCursor {
  #at = 0
  #index = 0
  readonly #bytes: Buffer
  readonly #position: StoredBatchPosition

  constructor(bytes: Uint8Array, position: StoredBatchPosition) {
    this.#bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    this.#position = position
  }

  get done(): boolean {
    return this.#at >= this.#bytes.length
  }

  get offset(): number {
    return this.#position.firstOffset + this.#index
  }

  /** How many bytes the next record takes. */
  get size(): number {
    const keyBytes = Math.max(0, this.#bytes.readInt32LE(this.#at))
    const valueBytes = Math.max(0, this.#bytes.readInt32LE(this.#at + 4))
    return RECORD_HEAD_BYTES + keyBytes + valueBytes + this.#bytes.readInt32LE(this.#at + 8)
  }

  skip(): void {
    this.#at += this.size
    this.#index++
  }

  next(): LogRecord {
    const bytes = this.#bytes
    const keyBytes = bytes.readInt32LE(this.#at)
    const valueBytes = bytes.readInt32LE(this.#at + 4)
    const headerBytes = bytes.readInt32LE(this.#at + 8)
    const keyStart = this.#at + RECORD_HEAD_BYTES
    const valueStart = keyStart + Math.max(0, keyBytes)
    const headersStart = valueStart + Math.max(0, valueBytes)
    const end = headersStart + headerBytes
    const record = {
      offset: this.offset,
      key: keyBytes < 0 ? null : bytes.toString('utf8', keyStart, valueStart),
      value: valueBytes < 0 ? null : this.#view(valueStart, valueBytes),
      headers: headerBytes === 0 ? NO_HEADERS : this.#headers(headersStart, end),
      timestamp: this.#position.timestamp,
    }
    this.#at = end
    this.#index++
    return record
  }

  #view(start: number, length: number): Uint8Array {
    return new Uint8Array(this.#bytes.buffer, this.#bytes.byteOffset + start, length)
  }

  #headers(start: number, end: number): Readonly<Record<string, string>> {
    const entries: [string, string][] = []
    for (let at = start; at < end; ) {
      const nameStart = at + HEADER_HEAD_BYTES
      const textStart = nameStart + this.#bytes.readInt32LE(at)
      const textEnd = textStart + this.#bytes.readInt32LE(at + 4)
      entries.push([
        this.#bytes.toString('utf8', nameStart, textStart),
        this.#bytes.toString('utf8', textStart, textEnd),
      ])
      at = textEnd
    }
    return Object.fromEntries(entries)
  }
}
