import { randomUUID } from 'node:crypto'
import type {
  CollectionSpec,
  Condition,
  Deletion,
  Filter,
  Payload,
  Point,
} from '#engines/vectors/port.ts'

export const SPEC: CollectionSpec = {
  vectors: { look: { size: 2, distance: 'Dot' }, text: { size: 3, distance: 'Cosine' } },
  indexes: { category: 'keyword', brand: 'keyword', price: 'integer', in_stock: 'bool' },
}

export const LOOK = { vectors: { look: floats(1, 0) } }
export const PAYLOAD: Payload = {
  category: ['a', 'b'],
  brand: 'ünïcode "quoted"',
  price: 12,
  rate: 0.25,
  in_stock: true,
  note: null,
}

export function unique(): string {
  return `contract_${randomUUID()}`
}

export function floats(...values: readonly number[]): Float32Array {
  return Float32Array.from(values)
}

export function must(...conditions: readonly Condition[]): Filter {
  return { must: conditions }
}

export function point(id: string, rest: Partial<Omit<Point, 'id'>> = {}): Point {
  return { id, version: 1, vectors: {}, payload: {}, ...rest }
}

export function lookAt(id: string, x: number): Point {
  return point(id, { vectors: { look: floats(x, 0) } })
}

/** Deletions of these ids as of a version. */
export function asOf(version: number, ...ids: readonly string[]): readonly Deletion[] {
  return ids.map((id) => ({ id, version }))
}
