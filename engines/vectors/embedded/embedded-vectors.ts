import { join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import type { Logger } from 'pino'
import { closed, EngineError, refused } from '#engines/errors.ts'
import { checkId, checkPoint, checkRequest } from '#engines/vectors/check-vectors.ts'
import { CollectionCatalogue } from '#engines/vectors/embedded/collection-catalogue.ts'
import { PointIndex } from '#engines/vectors/embedded/point-index.ts'
import { type Entry, PointTable } from '#engines/vectors/embedded/point-table.ts'
import { StoreFile } from '#engines/vectors/embedded/store-file.ts'
import { Turns } from '#engines/vectors/embedded/turns.ts'
import type {
  CollectionSpec,
  Filter,
  Hit,
  Point,
  SearchRequest,
  Selection,
  Vectors,
} from '#engines/vectors/port.ts'

/** Points in one transaction, and so in one piece of work on the event loop: about 2 ms. */
const POINTS_PER_TRANSACTION = 128

interface Collection {
  readonly name: string
  readonly number: number
  spec: CollectionSpec
  readonly table: PointTable
  readonly index: PointIndex
}

export interface EmbeddedVectorsOptions {
  /** Where `vectors.sqlite` is kept; created if absent. */
  readonly folder: string
  readonly logger?: Logger
}

/**
 * Opens the vector engine that runs in this process: points in SQLite, all of them in memory, found by an exact scan.
 * Good for some 100,000 points (a search takes about 1 ms per 10,000 of 128 dimensions); use Qdrant beyond that.
 * @throws EngineError DATA_FOLDER_IN_USE, ENGINE_CORRUPT, ENGINE_UNAVAILABLE
 */
export async function openEmbeddedVectors(options: EmbeddedVectorsOptions): Promise<Vectors> {
  const started = performance.now()
  const vectors = new EmbeddedVectors(new StoreFile(join(options.folder, 'vectors.sqlite')))
  try {
    const points = vectors.load()
    options.logger?.info(
      { folder: options.folder, points, ms: Math.round(performance.now() - started) },
      'vectors opened',
    )
    return vectors
  } catch (error) {
    await vectors[Symbol.asyncDispose]()
    throw error
  }
}

class EmbeddedVectors implements Vectors {
  readonly #file: StoreFile
  readonly #catalogue: CollectionCatalogue
  readonly #collections = new Map<string, Collection>()
  readonly #aliases = new Map<string, string>()
  readonly #turns = new Turns()
  #closed = false

  constructor(file: StoreFile) {
    this.#file = file
    this.#catalogue = new CollectionCatalogue(file)
  }

  /** Reads the file into memory and returns the number of points. */
  load(): number {
    let points = 0
    for (const { name, number, spec } of this.#catalogue.collections()) {
      const { table, index } = this.#add(name, number, spec)
      for (const entry of table.all()) index.put(entry)
      points += index.size
    }
    for (const { alias, collection } of this.#catalogue.aliases()) {
      this.#aliases.set(alias, collection)
    }
    return points
  }

  async createCollection(name: string, spec: CollectionSpec): Promise<void> {
    this.#checkOpen()
    if (this.#aliases.has(name)) {
      throw refused(`${name} is an alias: choose another name for the collection`)
    }
    const existing = this.#collections.get(name)
    if (existing) this.#addIndexes(existing, spec)
    else this.#add(name, this.#catalogue.create(name, spec).number, spec)
  }

  async deleteCollection(name: string): Promise<void> {
    this.#checkOpen()
    await this.#turns.take(() => {
      this.#checkOpen()
      const collection = this.#collections.get(name)
      for (const [alias, target] of this.#aliases) {
        if (alias === name) throw refused(`${name} is an alias: name the collection to delete`)
        if (target === name) throw refused(`alias ${alias} points at ${name}: move it first`)
      }
      if (collection === undefined) return
      this.#catalogue.drop(collection)
      this.#collections.delete(name)
    })
  }

  async upsert(collection: string, points: readonly Point[]): Promise<void> {
    const into = this.#resolve(collection)
    for (const point of points) checkPoint(into.spec, point)
    await this.#write(into, points)
  }

  async search(
    collection: string,
    requests: readonly SearchRequest[],
    signal?: AbortSignal,
  ): Promise<readonly (readonly Hit[])[]> {
    const { spec, index } = this.#resolve(collection)
    for (const request of requests) checkRequest(spec, request)
    signal?.throwIfAborted()
    const answers: (readonly Hit[])[] = []
    for (const request of requests) {
      answers.push(await this.#turns.take(() => index.search(request)))
      signal?.throwIfAborted()
    }
    return answers
  }

  async retrieve(collection: string, ids: readonly string[]): Promise<readonly Point[]> {
    const { index } = this.#resolve(collection)
    return ids.map((id) => index.get(id)).filter((point) => point !== undefined)
  }

  async delete(collection: string, selection: Selection): Promise<void> {
    const from = this.#resolve(collection)
    if ('points' in selection) {
      const deletions = selection.points.map(({ id, version }) => ({ id, version }))
      for (const { id } of deletions) checkId(id)
      return this.#write(from, deletions)
    }
    await this.#turns.take(() => {
      this.#checkThere(from)
      const ids = from.index.idsWhere(selection.filter)
      from.table.remove(ids)
      for (const id of ids) from.index.remove(id)
    })
  }

  async count(collection: string, filter?: Filter): Promise<number> {
    const { index } = this.#resolve(collection)
    return filter ? index.idsWhere(filter).length : index.size
  }

  async setAlias(alias: string, collection: string): Promise<void> {
    const { name } = this.#resolve(collection)
    if (this.#collections.has(alias)) {
      throw refused(`${alias} is a collection: choose another name for the alias`)
    }
    this.#catalogue.setAlias(alias, name)
    this.#aliases.set(alias, name)
  }

  async collectionOf(alias: string): Promise<string | undefined> {
    this.#checkOpen()
    return this.#aliases.get(alias)
  }

  async ping(): Promise<void> {
    this.#checkOpen()
    this.#catalogue.aliases()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    this.#file[Symbol.dispose]()
  }

  #add(name: string, number: number, spec: CollectionSpec): Collection {
    const table = new PointTable(this.#file, number, spec.vectors)
    const collection = { name, number, spec, table, index: new PointIndex(spec) }
    this.#collections.set(name, collection)
    return collection
  }

  #addIndexes(collection: Collection, wanted: CollectionSpec): void {
    const { name, spec, index } = collection
    if (!isDeepStrictEqual({ ...spec.vectors }, { ...wanted.vectors })) {
      throw refused(
        `collection ${name} is there with other vectors (${JSON.stringify(spec.vectors)}): create one under a new name and reindex into it`,
      )
    }
    const indexes = { ...spec.indexes, ...wanted.indexes }
    if (isDeepStrictEqual(indexes, spec.indexes)) return
    collection.spec = { ...spec, indexes }
    this.#catalogue.changeSpec(name, collection.spec)
    index.addIndexes(indexes)
  }

  #resolve(nameOrAlias: string): Collection {
    this.#checkOpen()
    const collection = this.#collections.get(this.#aliases.get(nameOrAlias) ?? nameOrAlias)
    if (collection) return collection
    throw unknownCollection(nameOrAlias)
  }

  async #write(collection: Collection, entries: readonly Entry[]): Promise<void> {
    for (let start = 0; start < entries.length; start += POINTS_PER_TRANSACTION) {
      const chunk = entries.slice(start, start + POINTS_PER_TRANSACTION)
      await this.#turns.take(() => this.#store(collection, chunk))
    }
  }

  #store(collection: Collection, entries: readonly Entry[]): void {
    this.#checkThere(collection)
    const { table, index } = collection
    const newer = entries.filter((entry) => index.wants(entry))
    if (newer.length === 0) return
    table.put(newer)
    // A copy, so that memory stays what the disk holds whatever the caller does to its object.
    for (const entry of newer) index.put(ownPayload(entry))
  }

  /** The collection may have been deleted while the work waited for its turn. */
  #checkThere(collection: Collection): void {
    this.#checkOpen()
    if (this.#collections.get(collection.name) === collection) return
    throw unknownCollection(collection.name)
  }

  #checkOpen(): void {
    if (this.#closed) {
      throw closed('the vector engine is closed')
    }
  }
}

function ownPayload(entry: Entry): Entry {
  return 'payload' in entry ? { ...entry, payload: structuredClone(entry.payload) } : entry
}

function unknownCollection(name: string): EngineError {
  return new EngineError(
    'UNKNOWN_COLLECTION',
    `no vector collection or alias ${name}: create it first`,
  )
}
