import type { Vectors } from '#engines/vectors/port.ts'
import type { Catalogue, CatalogueFile, StoredCollection } from './catalogue-file.ts'
import type { AliasAction, CreateCollection, CreateFieldIndex } from './qdrant-bodies.ts'
import { noCollection, QdrantRefusal } from './qdrant-refusal.ts'

const DEFAULT_INDEXING_THRESHOLD_KB = 10_000

/** Collections and aliases, with Qdrant's rules. */
export class StandInCollections {
  readonly #vectors: Vectors
  readonly #file: CatalogueFile

  constructor(vectors: Vectors, file: CatalogueFile) {
    this.#vectors = vectors
    this.#file = file
  }

  get names(): readonly string[] {
    return Object.keys(this.#catalogue.collections)
  }

  get aliases(): readonly { readonly alias_name: string; readonly collection_name: string }[] {
    return Object.entries(this.#catalogue.aliases).map(([alias_name, collection_name]) => ({
      alias_name,
      collection_name,
    }))
  }

  /** The collection's name. */
  resolve(nameOrAlias: string): string {
    const name = this.#catalogue.aliases[nameOrAlias] ?? nameOrAlias
    if (this.#catalogue.collections[name] === undefined) throw noCollection(nameOrAlias)
    return name
  }

  async create(name: string, { vectors, optimizers_config }: CreateCollection): Promise<boolean> {
    const { collections, aliases } = this.#catalogue
    if (collections[name] !== undefined) {
      throw new QdrantRefusal(409, `Wrong input: Collection \`${name}\` already exists!`)
    }
    if (aliases[name] !== undefined) {
      const words = `Wrong input: Can't create collection with name ${name}. Alias with the same name already exists`
      throw new QdrantRefusal(400, words)
    }
    const indexing_threshold =
      optimizers_config?.indexing_threshold ?? DEFAULT_INDEXING_THRESHOLD_KB
    const stored = { vectors, indexes: {}, indexing_threshold }
    // Removes the remains of a deletion that was interrupted.
    await this.#vectors.deleteCollection(name)
    await this.#vectors.createCollection(name, stored)
    await this.#keep(name, stored)
    return true
  }

  async delete(name: string): Promise<boolean> {
    const { [name]: gone, ...collections } = this.#catalogue.collections
    if (gone === undefined) return false
    const others = Object.entries(this.#catalogue.aliases).filter(([, target]) => target !== name)
    await this.#file.replace({ collections, aliases: Object.fromEntries(others) })
    await this.#vectors.deleteCollection(name)
    return true
  }

  async addIndex(
    nameOrAlias: string,
    { field_name, field_schema }: CreateFieldIndex,
  ): Promise<void> {
    const name = this.resolve(nameOrAlias)
    const stored = this.#stored(name)
    const indexes = { ...stored.indexes, [field_name]: field_schema }
    await this.#vectors.createCollection(name, { ...stored, indexes })
    await this.#keep(name, { ...stored, indexes })
  }

  /** Atomic: all actions or none. */
  async changeAliases(actions: readonly AliasAction[]): Promise<boolean> {
    const { collections } = this.#catalogue
    const aliases = { ...this.#catalogue.aliases }
    for (const action of actions) {
      if ('delete_alias' in action) {
        delete aliases[action.delete_alias.alias_name]
        continue
      }
      const { alias_name, collection_name } = action.create_alias
      if (collections[collection_name] === undefined) throw noCollection(collection_name)
      if (collections[alias_name] !== undefined) {
        throw new QdrantRefusal(409, `Wrong input: Collection \`${alias_name}\` already exists!`)
      }
      aliases[alias_name] = collection_name
    }
    await this.#file.replace({ collections, aliases })
    return true
  }

  /** The answer of `GET /collections/{name}`: one segment, nothing to optimize. */
  async info(nameOrAlias: string) {
    const name = this.resolve(nameOrAlias)
    const { vectors, indexes, indexing_threshold } = this.#stored(name)
    const points = await this.#vectors.count(name)
    const payload_schema = Object.fromEntries(
      Object.entries(indexes).map(([field, data_type]) => [field, { data_type, points }]),
    )
    const config = {
      params: { vectors, shard_number: 1, replication_factor: 1, write_consistency_factor: 1 },
      hnsw_config: { m: 0, ef_construct: 4, full_scan_threshold: 10_000 },
      optimizer_config: { default_segment_number: 1, indexing_threshold, flush_interval_sec: 1 },
    }
    const counts = { points_count: points, indexed_vectors_count: 0, segments_count: 1 }
    return { status: 'green', optimizer_status: 'ok', ...counts, config, payload_schema }
  }

  get #catalogue(): Catalogue {
    return this.#file.current
  }

  #stored(name: string): StoredCollection {
    const stored = this.#catalogue.collections[name]
    if (stored === undefined) throw noCollection(name)
    return stored
  }

  async #keep(name: string, stored: StoredCollection): Promise<void> {
    const { collections, aliases } = this.#catalogue
    await this.#file.replace({ collections: { ...collections, [name]: stored }, aliases })
  }
}
