import type { Schemas } from '@qdrant/js-client-rest'
import type { Deletion, Point } from '#engines/vectors/port.ts'
import { pointUuid, RESERVED, toStored, toTombstone } from './qdrant-point.ts'

/** Qdrant takes requests of up to 32 MB by default. */
const BYTES_PER_REQUEST = 16 * 1024 * 1024
/** The filter of a request grows with its points, and is evaluated for each of them. */
const POINTS_PER_REQUEST = 256
/** Upper bounds for a float32 in JSON, and for a point without its vectors and payload. */
const BYTES_PER_VALUE = 25
const BYTES_PER_POINT = 400

/** The requests, one after the other, that write the points where they are newer than what is stored. */
export function* upsertRequests(points: readonly Point[]): Generator<Schemas['PointsList']> {
  for (const chunk of chunks(newestOf(points), bytesOf)) {
    yield { points: chunk.map(toStored), update_filter: isOlderThan(chunk) }
  }
}

/** The same for deletions. */
export function* deleteRequests(deletions: readonly Deletion[]): Generator<Schemas['PointsList']> {
  for (const chunk of chunks(newestOf(deletions), ({ id }) => BYTES_PER_POINT + 2 * id.length)) {
    yield { points: chunk.map(toTombstone), update_filter: isOlderThan(chunk) }
  }
}

/** The newest of each id: of several points with one id, Qdrant would store any. */
function newestOf<T extends Deletion>(all: readonly T[]): readonly T[] {
  const newest = new Map<string, T>()
  for (const one of all) {
    const known = newest.get(one.id)
    if (known === undefined || one.version > known.version) newest.set(one.id, one)
  }
  return [...newest.values()]
}

/** Holds for the stored points that may be replaced; Qdrant evaluates it atomically with the write. */
function isOlderThan(entries: readonly Deletion[]): Schemas['Filter'] {
  const byVersion = Map.groupBy(entries, ({ version }) => version)
  return {
    should: [...byVersion].map(([version, same]) => ({
      must: [
        { has_id: same.map(({ id }) => pointUuid(id)) },
        { key: RESERVED.version, range: { lt: version } },
      ],
    })),
  }
}

function* chunks<T>(all: readonly T[], sizeOf: (one: T) => number): Generator<readonly T[]> {
  let chunk: T[] = []
  let bytes = 0
  for (const one of all) {
    const size = sizeOf(one)
    if (chunk.length === POINTS_PER_REQUEST || (bytes > 0 && bytes + size > BYTES_PER_REQUEST)) {
      yield chunk
      chunk = []
      bytes = 0
    }
    chunk.push(one)
    bytes += size
  }
  if (chunk.length > 0) yield chunk
}

function bytesOf({ id, vectors, payload }: Point): number {
  const values = Object.values(vectors).reduce((sum, { length }) => sum + length, 0)
  const text = Buffer.byteLength(JSON.stringify([id, payload]))
  return BYTES_PER_POINT + BYTES_PER_VALUE * values + text
}
