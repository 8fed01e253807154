import { setTimeout as wait } from 'node:timers/promises'
import { isDeepStrictEqual } from 'node:util'
import type { Schemas } from '@qdrant/js-client-rest'
import { refused, timedOut, unavailable } from '#engines/errors.ts'
import type { CollectionSpec } from '#engines/vectors/port.ts'
import type { QdrantCalls } from './qdrant-calls.ts'
import { isConflict } from './qdrant-error.ts'
import { RESERVED_INDEXES } from './qdrant-point.ts'

/**
 * Segments with more kilobytes of vectors get an index; smaller ones are scanned in about a millisecond. With Qdrant's
 * default of 10,000, some 50,000 vectors of 64 dimensions had none.
 */
const INDEXING_THRESHOLD_KB = 2000
const INDEX_POLL_MS = 200

/** The collections and aliases of a Qdrant. */
export class QdrantCollections {
  readonly #calls: QdrantCalls
  readonly #timeoutMs: number

  /** @param timeoutMs of calls that take longer the larger a collection is */
  constructor(calls: QdrantCalls, timeoutMs: number) {
    this.#calls = calls
    this.#timeoutMs = timeoutMs
  }

  async create(name: string, spec: CollectionSpec): Promise<void> {
    const optimizers_config = { indexing_threshold: INDEXING_THRESHOLD_KB }
    const body = { collection_name: name, vectors: { ...spec.vectors }, optimizers_config }
    try {
      await this.#calls.result((api, init) => api.createCollection(body, init))
    } catch (error) {
      if (!isConflict(error)) throw error
    }
    const info = await this.info(name)
    const stored = storedVectors(info)
    if (!isDeepStrictEqual(stored, { ...spec.vectors })) {
      throw refused(
        `collection ${name} is there with other vectors (${JSON.stringify(stored)}): create one under a new name and reindex into it`,
      )
    }
    await this.#addIndexes(name, info, spec)
  }

  async delete(name: string): Promise<void> {
    // Qdrant itself would delete the aliases too.
    for (const [alias, target] of await this.aliases()) {
      if (alias === name) throw refused(`${name} is an alias: name the collection to delete`)
      if (target === name) throw refused(`alias ${alias} points at ${name}: move it first`)
    }
    await this.#calls.result((api, init) => api.deleteCollection({ collection_name: name }, init))
  }

  async info(collection: string): Promise<Schemas['CollectionInfo']> {
    const path = { collection_name: collection }
    return this.#calls.result((api, init) => api.getCollection(path, init))
  }

  /** Collections by alias. */
  async aliases(): Promise<ReadonlyMap<string, string>> {
    const { aliases } = await this.#calls.result((api, init) => api.getCollectionsAliases({}, init))
    return new Map(aliases.map(({ alias_name, collection_name }) => [alias_name, collection_name]))
  }

  async setAlias(alias: string, collection: string): Promise<void> {
    const aliases = await this.aliases()
    const target = aliases.get(collection) ?? collection
    if (aliases.get(alias) === target) return
    await this.#untilIndexed(target)
    const actions = [
      { delete_alias: { alias_name: alias } },
      { create_alias: { alias_name: alias, collection_name: target } },
    ]
    await this.#calls.result((api, init) => api.updateAliases({ actions }, init))
  }

  async createSnapshot(collection: string): Promise<string> {
    const body = { collection_name: collection, wait: true }
    const snapshot = await this.#calls.result((api, init) => api.createSnapshot(body, init), {
      timeoutMs: this.#timeoutMs,
    })
    return snapshot.name
  }

  async #addIndexes(
    name: string,
    { payload_schema }: Schemas['CollectionInfo'],
    { indexes }: CollectionSpec,
  ): Promise<void> {
    for (const [field_name, field_schema] of Object.entries({ ...RESERVED_INDEXES, ...indexes })) {
      if (payload_schema[field_name] !== undefined) continue
      const body = { collection_name: name, wait: true, field_name, field_schema }
      await this.#calls.update((api, init) => api.createFieldIndex(body, init), {
        timeoutMs: this.#timeoutMs,
      })
    }
  }

  async #untilIndexed(collection: string): Promise<void> {
    const until = performance.now() + this.#timeoutMs
    for (;;) {
      const { status, optimizer_status } = await this.info(collection)
      // Grey: the index is built after the next write; until then searches are exact, and slower.
      if (status === 'green' || status === 'grey') return
      const words = `the index of collection ${collection} is ${status} (${JSON.stringify(optimizer_status)})`
      if (status === 'red') throw unavailable(words)
      if (performance.now() > until) {
        throw timedOut(words)
      }
      await wait(INDEX_POLL_MS)
    }
  }
}

/** The named vectors that a collection holds. */
export function storedVectors({ config }: Schemas['CollectionInfo']): CollectionSpec['vectors'] {
  const vectors: Record<string, CollectionSpec['vectors'][string]> = {}
  for (const [name, params] of Object.entries(config.params.vectors ?? {})) {
    const { size, distance } = (params ?? {}) as Partial<Schemas['VectorParams']>
    if (size === undefined || (distance !== 'Cosine' && distance !== 'Dot')) {
      throw refused(
        'the collection was not made by Freshet (its vectors have no names, or a distance other than Cosine and Dot): choose another name',
      )
    }
    vectors[name] = { size, distance }
  }
  return vectors
}
