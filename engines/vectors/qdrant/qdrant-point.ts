import type { Schemas } from '@qdrant/js-client-rest'
import { v5 as uuidV5 } from 'uuid'
import { refused } from '#engines/errors.ts'
import type { Deletion, Payload, Point } from '#engines/vectors/port.ts'

/** Of the UUIDs of points. It must never change, because the stored ids depend on it. */
const NAMESPACE = 'db5f98a2-fa7c-48f2-b518-bf8e093501a7'

/** Payload fields of the adapter, beside the caller's. */
export const RESERVED = { id: '_id', version: '_version', deleted: '_deleted' } as const

/** Filters use these too: `_version` in every upsert, `_deleted` in every count. */
export const RESERVED_INDEXES: Readonly<Record<string, Schemas['PayloadFieldSchema']>> = {
  [RESERVED.version]: { type: 'integer', lookup: false, range: true },
  [RESERVED.deleted]: 'bool',
}

/** Holds for tombstones. */
export const IS_DELETED: Schemas['Condition'] = { key: RESERVED.deleted, match: { value: true } }

export function pointUuid(id: string): string {
  return uuidV5(id, NAMESPACE)
}

/** @throws EngineError ENGINE_REFUSED for a payload field with a reserved name */
export function checkPayload({ id, payload }: Point): void {
  const reserved = Object.keys(payload).find((field) => field.startsWith('_'))
  if (reserved === undefined) return
  throw refused(
    `payload field ${reserved} of point ${id}: names that begin with _ are reserved, choose another`,
  )
}

/** A point as Qdrant stores it. */
export function toStored({ id, version, vectors, payload }: Point): Schemas['PointStruct'] {
  return {
    id: pointUuid(id),
    vector: Object.fromEntries(
      Object.entries(vectors).map(([name, vector]) => [name, Array.from(vector)]),
    ),
    payload: { ...payload, [RESERVED.id]: id, [RESERVED.version]: version },
  }
}

/**
 * Keeps an older writer from storing a deleted point again: a point with the version of the deletion, which no search
 * finds because it has no vectors. It lives as long as its collection.
 */
export function toTombstone({ id, version }: Deletion): Schemas['PointStruct'] {
  const payload = { [RESERVED.id]: id, [RESERVED.version]: version, [RESERVED.deleted]: true }
  return { id: pointUuid(id), vector: {}, payload }
}

/** The point as given, its Cosine vectors with unit length; undefined for a tombstone and for a point that is not ours. */
export function fromStored({ payload, vector }: Schemas['Record']): Point | undefined {
  const { id, version, deleted, rest } = readPayload(payload)
  if (deleted || id === undefined || version === undefined) return undefined
  const vectors: Record<string, Float32Array> = {}
  for (const [name, values] of Object.entries(vector ?? {}))
    vectors[name] = Float32Array.from(values as readonly number[])
  return { id, version, vectors, payload: rest }
}

/** The id and the payload of a hit as they were given. */
export function fromScored({ payload }: Schemas['ScoredPoint']): Pick<Point, 'id' | 'payload'> {
  const { id = '', rest } = readPayload(payload)
  return { id, payload: rest }
}

interface StoredPayload {
  readonly id: string | undefined
  readonly version: number | undefined
  readonly deleted: boolean
  readonly rest: Payload
}

function readPayload(payload: Schemas['Record']['payload']): StoredPayload {
  const { _id: id, _version: version, _deleted: deleted, ...rest } = (payload ?? {}) as Payload
  return {
    id: typeof id === 'string' ? id : undefined,
    version: typeof version === 'number' ? version : undefined,
    deleted: deleted === true,
    rest,
  }
}
