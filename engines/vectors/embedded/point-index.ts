import { FieldPostings } from '#engines/vectors/embedded/field-postings.ts'
import { NearestHits } from '#engines/vectors/embedded/nearest-hits.ts'
import { pointTest } from '#engines/vectors/embedded/payload-filter.ts'
import type { Entry } from '#engines/vectors/embedded/point-table.ts'
import { VectorRows } from '#engines/vectors/embedded/vector-rows.ts'
import type {
  CollectionSpec,
  Condition,
  Deletion,
  Filter,
  Hit,
  Payload,
  Point,
  SearchRequest,
} from '#engines/vectors/port.ts'

interface Slot {
  readonly id: string
  readonly version: number
  readonly payload: Payload
}

/** The points of one collection in memory, searched by an exact scan. A point lives in a slot; the slots of deleted ones are used again. */
export class PointIndex {
  readonly #slots = new Map<string, number>()
  readonly #entries: (Slot | undefined)[] = []
  /** Versions of deletions, against older writers. */
  readonly #deleted = new Map<string, number>()
  readonly #free: number[] = []
  readonly #rows: ReadonlyMap<string, VectorRows>
  readonly #postings = new Map<string, FieldPostings>()

  constructor(spec: CollectionSpec) {
    this.#rows = new Map(
      Object.entries(spec.vectors).map(([name, { size, distance }]) => [
        name,
        new VectorRows(size, distance),
      ]),
    )
    this.addIndexes(spec.indexes)
  }

  /** Adds posting lists for the keyword and bool fields that have none yet. */
  addIndexes(indexes: CollectionSpec['indexes']): void {
    for (const [field, kind] of Object.entries(indexes)) {
      if (this.#postings.has(field) || (kind !== 'keyword' && kind !== 'bool')) continue
      const postings = new FieldPostings(field)
      this.#entries.forEach((entry, slot) => {
        if (entry) postings.add(slot, entry.payload)
      })
      this.#postings.set(field, postings)
    }
  }

  get size(): number {
    return this.#slots.size
  }

  /** Whether storing the entry would change anything. */
  wants({ id, version }: Deletion): boolean {
    const stored = this.#entryOf(id)?.version ?? this.#deleted.get(id)
    return stored === undefined || version > stored
  }

  /** Stores the entry in place of an older one. */
  put(entry: Entry): void {
    if (!this.wants(entry)) return
    this.remove(entry.id)
    if ('payload' in entry) this.#add(entry)
    else this.#deleted.set(entry.id, entry.version)
  }

  /** Removes the point, and remembers no deletion. */
  remove(id: string): void {
    const slot = this.#slots.get(id)
    const entry = this.#entryOf(id)
    if (slot === undefined || entry === undefined) return
    for (const postings of this.#postings.values()) postings.remove(slot, entry.payload)
    for (const rows of this.#rows.values()) rows.clear(slot)
    this.#entries[slot] = undefined
    this.#slots.delete(id)
    this.#free.push(slot)
  }

  get(id: string): Point | undefined {
    const slot = this.#slots.get(id)
    const entry = this.#entryOf(id)
    if (slot === undefined || entry === undefined) return undefined
    const vectors: Record<string, Float32Array> = {}
    for (const [name, rows] of this.#rows) {
      const vector = rows.get(slot)
      if (vector) vectors[name] = vector
    }
    return { ...entry, vectors }
  }

  /** The hits of one request, whose vector has been checked. */
  search({ using, vector, limit, filter }: SearchRequest): readonly Hit[] {
    const rows = this.#rows.get(using)
    if (rows === undefined) return []
    const query = rows.comparable(vector)
    const passes = pointTest(filter)
    const nearest = new NearestHits(limit)
    for (const slot of this.#candidates(filter)) {
      const entry = this.#entries[slot]
      const score = rows.score(slot, query)
      if (entry === undefined || score === undefined) continue
      // The score first: once the list is full it rejects nearly all points before the filter runs.
      if (nearest.admits(score, entry.id) && passes(entry.id, entry.payload)) {
        nearest.add({ id: entry.id, score, payload: entry.payload })
      }
    }
    return nearest.bestFirst
  }

  /** The ids of all points that pass the filter. */
  idsWhere(filter: Filter): readonly string[] {
    const passes = pointTest(filter)
    const ids: string[] = []
    for (const slot of this.#candidates(filter)) {
      const entry = this.#entries[slot]
      if (entry && passes(entry.id, entry.payload)) ids.push(entry.id)
    }
    return ids
  }

  #add(point: Point): void {
    this.#deleted.delete(point.id)
    const slot = this.#free.pop() ?? this.#entries.length
    const { id, version, payload } = point
    this.#slots.set(id, slot)
    this.#entries[slot] = { id, version, payload }
    for (const [name, vector] of Object.entries(point.vectors)) {
      this.#rows.get(name)?.set(slot, vector)
    }
    for (const postings of this.#postings.values()) postings.add(slot, payload)
  }

  #entryOf(id: string): Slot | undefined {
    const slot = this.#slots.get(id)
    return slot === undefined ? undefined : this.#entries[slot]
  }

  /** A superset of the slots that pass the filter: the shortest posting list of a `must` condition, else all slots. */
  #candidates(filter: Filter | undefined): Iterable<number> {
    let shortest: ReadonlySet<number> | undefined
    for (const condition of filter?.must ?? []) {
      const slots = this.#slotsOf(condition)
      if (slots && (shortest === undefined || slots.size < shortest.size)) shortest = slots
    }
    return shortest ?? this.#entries.keys()
  }

  #slotsOf(condition: Condition): ReadonlySet<number> | undefined {
    if ('ids' in condition) {
      const slots = condition.ids.map((id) => this.#slots.get(id))
      return new Set(slots.filter((slot) => slot !== undefined))
    }
    const postings = this.#postings.get(condition.field)
    if (postings === undefined || 'range' in condition) return undefined
    return postings.slotsOf('match' in condition ? [condition.match] : condition.any)
  }
}
