import { refused } from '#engines/errors.ts'
import type { CollectionSpec, Point, SearchRequest } from '#engines/vectors/port.ts'

type VectorSpecs = Pick<CollectionSpec, 'vectors'>

/** @throws EngineError ENGINE_REFUSED for a point that the collection cannot hold */
export function checkPoint(spec: VectorSpecs, { id, vectors }: Point): void {
  checkId(id)
  for (const [name, vector] of Object.entries(vectors)) {
    checkSize(spec, name, vector, `point ${id}`)
    checkValues(name, vector, `point ${id}`)
  }
}

/** @throws EngineError ENGINE_REFUSED for an id that an engine would store as a different one */
export function checkId(id: string): void {
  if (id.isWellFormed()) return
  throw refused(`point id ${JSON.stringify(id)} is not well-formed Unicode: repair it`)
}

/** @throws EngineError ENGINE_REFUSED for a request that the collection cannot answer */
export function checkRequest(spec: VectorSpecs, request: SearchRequest): void {
  checkAsked(request)
  checkSize(spec, request.using, request.vector, 'the search request')
}

/** @throws EngineError ENGINE_REFUSED for a request that no collection can answer */
export function checkAsked({ using, vector, limit }: SearchRequest): void {
  if (!Number.isInteger(limit) || limit < 1) {
    throw refused(`a search for ${limit} hits: ask for a whole number from 1`)
  }
  checkValues(using, vector, 'the search request')
}

function checkSize(spec: VectorSpecs, name: string, vector: Float32Array, bearer: string): void {
  const size = spec.vectors[name]?.size
  if (size === undefined) {
    const known = Object.keys(spec.vectors).join(', ')
    throw refused(`${bearer} names vector ${name}, but the collection has: ${known}`)
  }
  if (vector.length !== size) {
    throw refused(
      `vector ${name} of ${bearer} has ${vector.length} values, the collection takes ${size}: embed it with the model of this collection`,
    )
  }
}

function checkValues(name: string, vector: Float32Array, bearer: string): void {
  if (!vector.every(Number.isFinite)) {
    throw refused(`vector ${name} of ${bearer} has a value that is not a finite number`)
  }
}
