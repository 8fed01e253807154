import { getCACertificates, setDefaultCACertificates } from 'node:tls'
import type { Schemas } from '@qdrant/js-client-rest'
import type { Logger } from 'pino'
import { refused } from '#engines/errors.ts'
import { checkAsked, checkId, checkPoint } from '#engines/vectors/check-vectors.ts'
import type {
  CollectionSpec,
  Filter,
  Hit,
  Point,
  SearchRequest,
  Selection,
  Vectors,
} from '#engines/vectors/port.ts'
import { QdrantCalls } from './qdrant-calls.ts'
import { QdrantCollections, storedVectors } from './qdrant-collections.ts'
import { toQdrantFilter } from './qdrant-filter.ts'
import { checkPayload, fromScored, fromStored, IS_DELETED, pointUuid } from './qdrant-point.ts'
import { parseQdrantUrl } from './qdrant-url.ts'
import { QdrantVersion } from './qdrant-version.ts'
import { deleteRequests, upsertRequests } from './qdrant-writes.ts'

const TIMEOUT_MS = 30_000
/** Of what takes longer the larger a collection is: an index, a snapshot. */
const LONG_TIMEOUT_MS = 600_000

export interface QdrantVectorsOptions {
  /** `qdrant://[:api-key@]host:6333[?tls=true&ca=FILE]`. */
  readonly url: string
  readonly logger?: Logger
  /** How long one request may take, milliseconds. */
  readonly timeoutMs?: number
  /** How long the index of a collection, or a snapshot, may take, milliseconds. */
  readonly longTimeoutMs?: number
}

export interface QdrantVectors extends Vectors {
  /**
   * Has Qdrant write a snapshot of the collection to a file; `PUT /collections/{name}/snapshots/recover` restores it, on
   * this server or another. @returns the name of the file
   */
  createSnapshot(collection: string): Promise<string>
}

/**
 * Opens the vectors in Qdrant 1.16 or newer. Connects with the first call. From then on every connection of this process
 * trusts the `ca` file, as with NODE_EXTRA_CA_CERTS.
 * @throws EngineError ENGINE_REFUSED for a malformed URL
 */
export async function openQdrantVectors(options: QdrantVectorsOptions): Promise<QdrantVectors> {
  const address = parseQdrantUrl(options.url)
  if (address.ca !== undefined) trust(address.ca)
  options.logger?.info({ url: address.baseUrl }, 'vectors in Qdrant')
  const calls = new QdrantCalls(address, options.timeoutMs ?? TIMEOUT_MS)
  return new OpenQdrantVectors(
    calls,
    new QdrantCollections(calls, options.longTimeoutMs ?? LONG_TIMEOUT_MS),
    new QdrantVersion(calls),
  )
}

class OpenQdrantVectors implements QdrantVectors {
  readonly #calls: QdrantCalls
  readonly #collections: QdrantCollections
  readonly #version: QdrantVersion

  constructor(calls: QdrantCalls, collections: QdrantCollections, version: QdrantVersion) {
    this.#calls = calls
    this.#collections = collections
    this.#version = version
  }

  async createCollection(name: string, spec: CollectionSpec): Promise<void> {
    await this.#collections.create(name, spec)
  }

  async deleteCollection(name: string): Promise<void> {
    await this.#collections.delete(name)
  }

  async upsert(collection: string, points: readonly Point[]): Promise<void> {
    const vectors = storedVectors(await this.#collections.info(collection))
    for (const point of points) {
      checkPoint({ vectors }, point)
      checkPayload(point)
    }
    await this.#write(collection, upsertRequests(points))
  }

  async search(
    collection: string,
    requests: readonly SearchRequest[],
    signal?: AbortSignal,
  ): Promise<readonly (readonly Hit[])[]> {
    for (const request of requests) checkAsked(request)
    const searches = requests.map(({ using, vector, limit, filter = {} }) => ({
      using,
      query: Array.from(vector),
      limit,
      filter: toQdrantFilter(filter),
      with_payload: true,
    }))
    const answers = await this.#calls.result(
      (api, init) => api.queryBatchPoints({ collection_name: collection, searches }, init),
      { signal },
    )
    return answers.map(({ points }) => points.map(toHit).sort(nearerFirst))
  }

  async retrieve(collection: string, ids: readonly string[]): Promise<readonly Point[]> {
    const body = { ids: ids.map(pointUuid), with_payload: true, with_vector: true }
    const records = await this.#calls.result((api, init) =>
      api.getPoints({ collection_name: collection, ...body }, init),
    )
    const points = records.flatMap((record) => fromStored(record) ?? [])
    const byId = new Map(points.map((point) => [point.id, point]))
    return ids.flatMap((id) => byId.get(id) ?? [])
  }

  async delete(collection: string, selection: Selection): Promise<void> {
    if ('points' in selection) {
      for (const { id } of selection.points) checkId(id)
      return this.#write(collection, deleteRequests(selection.points))
    }
    const body = { collection_name: collection, wait: true, filter: onlyThere(selection.filter) }
    await this.#calls.update((api, init) => api.deletePoints(body, init))
  }

  async count(collection: string, filter: Filter = {}): Promise<number> {
    const body = { collection_name: collection, filter: onlyThere(filter), exact: true }
    const { count } = await this.#calls.result((api, init) => api.countPoints(body, init))
    return count
  }

  async setAlias(alias: string, collection: string): Promise<void> {
    await this.#collections.setAlias(alias, collection)
  }

  async collectionOf(alias: string): Promise<string | undefined> {
    return (await this.#collections.aliases()).get(alias)
  }

  async createSnapshot(collection: string): Promise<string> {
    return this.#collections.createSnapshot(collection)
  }

  async ping(): Promise<void> {
    // Unlike Qdrant's own health check, this one needs the API key.
    await this.#calls.result((api, init) => api.getCollections({}, init))
    await this.#version.check()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#calls.close()
  }

  /** Sends one request after the other, each durable and searchable before the next. */
  async #write(collection: string, requests: Iterable<Schemas['PointsList']>): Promise<void> {
    await this.#version.check()
    for (const request of requests) {
      const body = { collection_name: collection, wait: true, ...request }
      await this.#calls.update((api, init) => api.upsertPoints(body, init))
    }
  }
}

/** Points that pass the filter and are no tombstones. */
function onlyThere(filter: Filter): Schemas['Filter'] {
  const { must, must_not } = toQdrantFilter(filter)
  return { must, must_not: [...must_not, IS_DELETED] }
}

function toHit(scored: Schemas['ScoredPoint']): Hit {
  // A float32 in short decimals becomes that float32 again, and -0 a plain 0.
  return { ...fromScored(scored), score: Math.fround(scored.score) + 0 }
}

function nearerFirst(a: Hit, b: Hit): number {
  return b.score - a.score || (a.id < b.id ? -1 : 1)
}

function trust(ca: string): void {
  try {
    setDefaultCACertificates([...getCACertificates('default'), ca])
  } catch (cause) {
    const words = cause instanceof Error ? cause.message : String(cause)
    const message = `the ca file of the vectors' URL cannot be used: ${words}`
    throw refused(message, { cause })
  }
}
