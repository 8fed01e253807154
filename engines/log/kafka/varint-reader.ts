/** Reads Kafka's integers of variable length: zigzag, seven bits a byte, the lowest first. */
export class VarintReader {
  readonly #buffer: Buffer
  #offset = 0

  constructor(buffer: Buffer) {
    this.#buffer = buffer
  }

  /** Of up to 32 bits. */
  varint(): number {
    let bits = 0
    let shift = 0
    let byte = 0x80
    while (byte >= 0x80) {
      byte = this.#byte()
      bits |= (byte & 0x7f) << shift
      shift += 7
    }
    return (bits >>> 1) ^ -(bits & 1)
  }

  peekVarint(): number {
    const start = this.#offset
    const value = this.varint()
    this.#offset = start
    return value
  }

  /** Of up to 53 bits. */
  varlong(): number {
    let value = 0
    let scale = 1
    let byte = 0x80
    while (byte >= 0x80) {
      byte = this.#byte()
      value += (byte & 0x7f) * scale
      scale *= 128
    }
    return value % 2 === 0 ? value / 2 : -(value + 1) / 2
  }

  /** A view of the bytes after their length, a varint; null where that is -1. */
  bytes(): Buffer | null {
    const length = this.varint()
    if (length < 0) return null
    const start = this.#offset
    this.#offset += length
    return this.#buffer.subarray(start, this.#offset)
  }

  skip(bytes: number): void {
    this.#offset += bytes
  }

  #byte(): number {
    const byte = this.#buffer[this.#offset]
    if (byte === undefined) throw new RangeError('a record ends in the middle of a number')
    this.#offset += 1
    return byte
  }
}
