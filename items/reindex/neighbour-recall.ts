import type { Hit } from '#engines/vectors/port.ts'

export const RECALL_AT = 10
/** Scores nearer than this to the worst hit are ties: which of them an engine returns says nothing. */
const TIE = 1e-5

interface Query {
  readonly id: string
  readonly vector: Float32Array
  readonly found: ReadonlySet<string>
  readonly worst: number
}

/**
 * Compares what an engine found with all points, seen one at a time and in any order: a point that is nearer than the
 * worst hit but is no hit was missed. Recall = found / (found + missed), as of exact k nearest neighbours.
 */
export class NeighbourRecall {
  readonly #queries: Query[] = []
  #found = 0
  #missed = 0

  /** @param hits what the engine found for the unit vector of point `id`, best first, itself among them */
  add(id: string, vector: Float32Array, hits: readonly Hit[]): void {
    const others = hits.filter((hit) => hit.id !== id).slice(0, RECALL_AT)
    // An engine that finds fewer than it was asked for has missed all others.
    const worst = others[RECALL_AT - 1]?.score ?? Number.NEGATIVE_INFINITY
    this.#queries.push({ id, vector, found: new Set(others.map((hit) => hit.id)), worst })
    this.#found += others.length
  }

  observe(id: string, vector: Float32Array): void {
    for (const query of this.#queries) {
      if (id === query.id || query.found.has(id)) continue
      if (dot(query.vector, vector) > query.worst + TIE) this.#missed += 1
    }
  }

  /** Between 0 and 1; 1 when there was nothing to find. */
  get value(): number {
    const all = this.#found + this.#missed
    return all === 0 ? 1 : this.#found / all
  }
}

/** The cosine of two vectors of unit length. */
export function dot(a: Float32Array, b: Float32Array): number {
  let sum = 0
  for (const [i, value] of a.entries()) sum += value * (b[i] ?? 0)
  return sum
}
