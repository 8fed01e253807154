import type { StatementSync } from 'node:sqlite'
import type { StoreFile } from '#engines/vectors/embedded/store-file.ts'
import type { CollectionSpec, Deletion, Payload, Point } from '#engines/vectors/port.ts'

/** A point, or that it was deleted: a row without vectors whose payload is null. */
export type Entry = Point | Deletion

const DELETED: { readonly payload: null; readonly vectors: Point['vectors'] } = {
  payload: null,
  vectors: {},
}

type VectorSpecs = CollectionSpec['vectors']

/** Creates the table of the points of a collection: one column for each named vector, in the order of the spec. */
export function createPointTable(file: StoreFile, number: number, vectors: VectorSpecs): void {
  const columns = vectorColumns(vectors).map((column) => `, ${column} BLOB`)
  file
    .prepare(
      `CREATE TABLE points_${number} (id TEXT NOT NULL UNIQUE, version INTEGER NOT NULL, payload TEXT NOT NULL${columns.join('')})`,
    )
    .run()
}

/** The points of one collection on the disk. A call that throws has changed nothing. */
export class PointTable {
  readonly #file: StoreFile
  readonly #number: number
  readonly #vectors: VectorSpecs
  readonly #put: StatementSync
  readonly #remove: StatementSync

  constructor(file: StoreFile, number: number, vectors: VectorSpecs) {
    const columns = ['id', 'version', 'payload', ...vectorColumns(vectors)]
    const changes = columns.map((column) => `${column} = excluded.${column}`)
    this.#file = file
    this.#number = number
    this.#vectors = vectors
    this.#put = file.prepare(
      `INSERT INTO points_${number} (${columns.join()}) VALUES (${columns.map(() => '?').join()})
       ON CONFLICT (id) DO UPDATE SET ${changes.join()} WHERE excluded.version > version`,
    )
    this.#remove = file.prepare(`DELETE FROM points_${number} WHERE id = ?`)
  }

  /** @throws EngineError ENGINE_CORRUPT at a row that does not fit the collection */
  *all(): Generator<Entry> {
    const rows = this.#file.prepare(`SELECT * FROM points_${this.#number}`).iterate()
    for (;;) {
      const next = this.#file.guarded(() => rows.next())
      if (next.done) return
      yield this.#entryOf(next.value)
    }
  }

  /** Stores the entries in one transaction, except where the stored version is as new. */
  put(entries: readonly Entry[]): void {
    this.#file.transaction(() => {
      for (const entry of entries) {
        const { payload, vectors } = 'payload' in entry ? entry : DELETED
        const blobs = Object.keys(this.#vectors).map((name) => bytesOf(vectors[name]))
        this.#put.run(entry.id, entry.version, JSON.stringify(payload), ...blobs)
      }
    })
  }

  /** Deletes rows, and records no deletion, in one transaction. */
  remove(ids: readonly string[]): void {
    this.#file.transaction(() => {
      for (const id of ids) this.#remove.run(id)
    })
  }

  #entryOf(row: Record<string, unknown>): Entry {
    const { id, version, payload } = row as { id: string; version: number; payload: string }
    const stored = this.#payloadOf(id, payload)
    if (stored === null) return { id, version }
    const vectors: Record<string, Float32Array> = {}
    Object.entries(this.#vectors).forEach(([name, { size }], index) => {
      const bytes = row[`vector_${index}`]
      if (bytes === null) return
      if (!(bytes instanceof Uint8Array) || bytes.byteLength !== 4 * size) {
        throw this.#file.damaged(`vector ${name} of point ${id} has not ${size} values`)
      }
      vectors[name] = new Float32Array(bytes.slice().buffer)
    })
    return { id, version, payload: stored, vectors }
  }

  #payloadOf(id: string, json: string): Payload | null {
    try {
      return JSON.parse(json) as Payload | null
    } catch (error) {
      throw this.#file.damaged(`the payload of point ${id} is not JSON`, error)
    }
  }
}

function vectorColumns(vectors: VectorSpecs): string[] {
  return Object.keys(vectors).map((_, index) => `vector_${index}`)
}

function bytesOf(vector: Float32Array | undefined): Uint8Array | null {
  return vector ? new Uint8Array(vector.buffer, vector.byteOffset, vector.byteLength) : null
}
