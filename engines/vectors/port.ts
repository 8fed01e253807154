export interface CollectionSpec {
  /** Name, length and distance of each vector that a point may carry. */
  readonly vectors: Readonly<
    Record<string, { readonly size: number; readonly distance: 'Cosine' | 'Dot' }>
  >
  /** Payload fields that filters name. */
  readonly indexes: Readonly<Record<string, 'keyword' | 'integer' | 'float' | 'bool'>>
}

export type Scalar = string | number | boolean
/** Field names are letters, digits, `_` and `-`; those that begin with `_` belong to the adapters. */
export type Payload = Readonly<Record<string, Scalar | readonly string[] | null>>

export interface Point {
  /** Any string; adapters that want UUIDs derive them (v5) and keep this one in the payload. */
  readonly id: string
  /** The newest wins: a write with a lower or equal version than the last one of this id changes nothing. */
  readonly version: number
  readonly vectors: Readonly<Record<string, Float32Array>>
  readonly payload: Payload
}

/** A condition on one payload field; on a list field it holds if it holds for one element. */
export type Condition =
  | { readonly field: string; readonly match: Scalar }
  | { readonly field: string; readonly any: readonly string[] }
  | { readonly field: string; readonly range: { readonly gte?: number; readonly lte?: number } }
  | { readonly ids: readonly string[] }

/** As in Qdrant: every `must` holds and no `mustNot` does. */
export interface Filter {
  readonly must?: readonly Condition[]
  readonly mustNot?: readonly Condition[]
}

export interface SearchRequest {
  /** Which named vector to compare with. Points without it are not found. */
  readonly using: string
  readonly vector: Float32Array
  readonly limit: number
  readonly filter?: Filter
}

export interface Hit {
  readonly id: string
  /** Cosine similarity or dot product: higher is nearer. Ties: by id, ascending. */
  readonly score: number
  readonly payload: Payload
}

/** Deletes the point of this id as of a version. */
export type Deletion = Pick<Point, 'id' | 'version'>

/** What to delete: single points, or what passes a filter now. */
export type Selection = { readonly points: readonly Deletion[] } | { readonly filter: Filter }

/** Collections of points with named vectors and payloads. A `collection` may be an alias everywhere; a `name` is that of a collection itself. */
export interface Vectors extends AsyncDisposable {
  /** Creates the collection unless it exists. @throws EngineError ENGINE_REFUSED when it is there with other vectors */
  createCollection(name: string, spec: CollectionSpec): Promise<void>

  /**
   * Deletes the collection with its points, if it exists.
   * @throws EngineError ENGINE_REFUSED while an alias points at it, or when the name is one
   */
  deleteCollection(name: string): Promise<void>

  /**
   * Stores the points, durable and searchable when it resolves. Safe to repeat, and never overwrites a newer version.
   * @throws EngineError UNKNOWN_COLLECTION, ENGINE_REFUSED (wrong length), ENGINE_UNAVAILABLE (retry)
   */
  upsert(collection: string, points: readonly Point[]): Promise<void>

  /** The nearest points for each request, best first; nearly the nearest where an engine searches an index. */
  search(
    collection: string,
    requests: readonly SearchRequest[],
    signal?: AbortSignal,
  ): Promise<readonly (readonly Hit[])[]>

  /** The points found, in the order asked for; unknown ids are left out. Cosine vectors come back with unit length. */
  retrieve(collection: string, ids: readonly string[]): Promise<readonly Point[]>

  /**
   * Durable when it resolves. A deletion by id is as safe to repeat and against an older writer as an upsert, because its
   * version is kept for as long as the collection lasts. One by filter keeps nothing.
   * @throws EngineError as `upsert`
   */
  delete(collection: string, selection: Selection): Promise<void>

  count(collection: string, filter?: Filter): Promise<number>

  /**
   * Points the alias at the collection, away from any other, in one step that readers see whole. An engine that indexes
   * in the background has the index ready first.
   * @throws EngineError UNKNOWN_COLLECTION, ENGINE_REFUSED (the alias is a collection), ENGINE_TIMEOUT (repeat the call)
   */
  setAlias(alias: string, collection: string): Promise<void>

  /** The name of the collection that the alias points at, undefined when there is no such alias. */
  collectionOf(alias: string): Promise<string | undefined>

  ping(): Promise<void>
}
