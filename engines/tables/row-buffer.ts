/** Longest string that is copied character by character: below it, calling into the encoder costs more than the loop. */
const SHORT_STRING = 42
/** UTF-8 takes at most this many bytes for a UTF-16 unit. */
const BYTES_PER_UNIT = 3
const TWO_32 = 2 ** 32

/** A growing buffer of little-endian values. */
export class RowBuffer {
  #bytes: Buffer
  #view: DataView
  #end = 0

  constructor(capacity: number) {
    this.#bytes = Buffer.allocUnsafeSlow(capacity)
    this.#view = new DataView(this.#bytes.buffer)
  }

  get length(): number {
    return this.#end
  }

  /** The bytes written, not copied: write nothing afterwards. */
  bytes(): Buffer {
    return this.#bytes.subarray(0, this.#end)
  }

  uint8(value: number): void {
    this.#reserve(1)
    this.#bytes[this.#end] = value
    this.#end += 1
  }

  uint16(value: number): void {
    this.#reserve(2)
    this.#view.setUint16(this.#end, value, true)
    this.#end += 2
  }

  uint32(value: number): void {
    this.#reserve(4)
    this.#view.setUint32(this.#end, value, true)
    this.#end += 4
  }

  /** Two's complement; exact for every safe integer, and the same bytes for UInt64. */
  int64(value: number): void {
    this.#reserve(8)
    const high = Math.floor(value / TWO_32)
    this.#view.setUint32(this.#end, value - high * TWO_32, true)
    this.#view.setInt32(this.#end + 4, high, true)
    this.#end += 8
  }

  float64(value: number): void {
    this.#reserve(8)
    this.#view.setFloat64(this.#end, value, true)
    this.#end += 8
  }

  /** LEB128, unsigned. */
  varint(value: number): void {
    this.#reserve(8)
    this.#end = this.#varintAt(this.#end, value)
  }

  /** UTF-8 after its length in bytes. A lone surrogate becomes U+FFFD, as everywhere in Node. */
  string(text: string): void {
    const units = text.length
    this.#reserve(units * BYTES_PER_UNIT + 5)
    if (units <= SHORT_STRING && this.#shortAscii(text, units)) return
    // Most text is ASCII, one byte per unit: guess the size of the length prefix, and move the text if that was wrong.
    const guess = varintSize(units)
    const written = this.#bytes.write(text, this.#end + guess, 'utf8')
    const size = varintSize(written)
    if (size !== guess) {
      this.#bytes.copyWithin(this.#end + size, this.#end + guess, this.#end + guess + written)
    }
    this.#end = this.#varintAt(this.#end, written) + written
  }

  #shortAscii(text: string, units: number): boolean {
    const bytes = this.#bytes
    const start = this.#end + 1
    for (let index = 0; index < units; index += 1) {
      const unit = text.charCodeAt(index)
      if (unit >= 0x80) return false
      bytes[start + index] = unit
    }
    bytes[this.#end] = units
    this.#end = start + units
    return true
  }

  #varintAt(position: number, value: number): number {
    let at = position
    let rest = value
    while (rest >= 0x80) {
      this.#bytes[at] = (rest & 0x7f) | 0x80
      rest = Math.floor(rest / 0x80)
      at += 1
    }
    this.#bytes[at] = rest
    return at + 1
  }

  #reserve(bytes: number): void {
    const needed = this.#end + bytes
    if (needed <= this.#bytes.length) return
    const larger = Buffer.allocUnsafeSlow(Math.max(needed, this.#bytes.length * 2))
    this.#bytes.copy(larger, 0, 0, this.#end)
    this.#bytes = larger
    this.#view = new DataView(larger.buffer)
  }
}

function varintSize(value: number): number {
  if (value < 0x80) return 1
  if (value < 0x4000) return 2
  return value < 0x20_0000 ? 3 : value < 0x1000_0000 ? 4 : 5
}
