import avro, { type Type } from 'avsc'

/** The reader of avsc: bytes and a position in them. */
interface Tap {
  readonly buf: Uint8Array
  readonly pos: number
  readLong(): number
  skipLong(): void
}

/**
 * An array type that rejects counts larger than the bytes left (every item takes at least one). The reader of avsc trusts
 * the count, so that five corrupt bytes would keep it busy for minutes and exhaust the memory.
 */
export class BoundedArrayType extends avro.types.ArrayType {
  /** Called by avsc, on this type or on a resolver of it. @throws RangeError */
  _read(tap: Tap): unknown[] {
    const itemsType = this.itemsType as Type & { _read(tap: Tap): unknown }
    const items: unknown[] = []
    for (let count = tap.readLong(); count !== 0; count = tap.readLong()) {
      // A negative count is followed by the size of the block.
      if (count < 0) tap.skipLong()
      let left = Math.abs(count)
      if (left > tap.buf.length - tap.pos) throw new RangeError('an array longer than its record')
      for (; left > 0; left--) items.push(itemsType._read(tap))
    }
    return items
  }
}
