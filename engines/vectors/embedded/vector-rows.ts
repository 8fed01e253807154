/** Rows are kept in segments of this many, so that growing copies nothing. */
const ROWS_PER_SEGMENT = 1024

interface Segment {
  readonly values: Float32Array
  readonly present: Uint8Array
}

/** The vectors of one name, one row for each slot; a slot may have none. With Cosine the rows have unit length. */
export class VectorRows {
  readonly size: number
  readonly #unitLength: boolean
  readonly #segments: Segment[] = []

  constructor(size: number, distance: 'Cosine' | 'Dot') {
    this.size = size
    this.#unitLength = distance === 'Cosine'
  }

  set(slot: number, vector: Float32Array): void {
    const segment = this.#segmentFor(slot)
    const row = slot % ROWS_PER_SEGMENT
    segment.values.set(this.comparable(vector), row * this.size)
    segment.present[row] = 1
  }

  clear(slot: number): void {
    const segment = this.#segments[Math.floor(slot / ROWS_PER_SEGMENT)]
    if (segment) segment.present[slot % ROWS_PER_SEGMENT] = 0
  }

  /** A copy of the row, undefined where the slot has none. */
  get(slot: number): Float32Array | undefined {
    const segment = this.#segments[Math.floor(slot / ROWS_PER_SEGMENT)]
    const row = slot % ROWS_PER_SEGMENT
    if (segment?.present[row] !== 1) return undefined
    return segment.values.slice(row * this.size, (row + 1) * this.size)
  }

  /** A vector as rows are compared: of unit length with Cosine (the zero vector stays as it is), else unchanged. */
  comparable(vector: Float32Array): Float32Array {
    if (!this.#unitLength) return vector
    let squares = 0
    for (const value of vector) squares += value * value
    if (squares === 0) return vector
    const length = Math.sqrt(squares)
    return vector.map((value) => value / length)
  }

  /** The dot product with a comparable vector as float32, undefined where the slot has no row. */
  score(slot: number, query: Float32Array): number | undefined {
    const segment = this.#segments[(slot / ROWS_PER_SEGMENT) | 0]
    const row = slot % ROWS_PER_SEGMENT
    if (segment === undefined || segment.present[row] !== 1) return undefined
    return dot(segment.values, row * this.size, query)
  }

  #segmentFor(slot: number): Segment {
    const index = Math.floor(slot / ROWS_PER_SEGMENT)
    while (this.#segments.length <= index) {
      this.#segments.push({
        values: new Float32Array(ROWS_PER_SEGMENT * this.size),
        present: new Uint8Array(ROWS_PER_SEGMENT),
      })
    }
    return this.#segments[index] as Segment
  }
}

/** Four sums, because one would make each addition wait for the last. Always in the same order: equal rows, equal scores. */
function dot(rows: Float32Array, base: number, query: Float32Array): number {
  const { length } = query
  const aligned = length - (length % 4)
  let a = 0
  let b = 0
  let c = 0
  let d = 0
  let i = 0
  for (; i < aligned; i += 4) {
    a += (rows[base + i] as number) * (query[i] as number)
    b += (rows[base + i + 1] as number) * (query[i + 1] as number)
    c += (rows[base + i + 2] as number) * (query[i + 2] as number)
    d += (rows[base + i + 3] as number) * (query[i + 3] as number)
  }
  for (; i < length; i++) a += (rows[base + i] as number) * (query[i] as number)
  return Math.fround(a + b + c + d)
}
