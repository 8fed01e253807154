import type { Logger } from 'pino'
import { EngineError } from '#engines/errors.ts'
import type { Vectors } from '#engines/vectors/port.ts'
import { ITEMS_TEXT, TEXT_VECTOR } from '#schemas/vectors.ts'

export interface TextNeighbour {
  readonly productId: string
  /** Cosine, above 0. */
  readonly score: number
}

/** Products described alike: what there is for an item that nobody has met yet. */
export class TextSimilar {
  readonly #vectors: Vectors
  readonly #logger: Logger
  #failing = false

  constructor(vectors: Vectors, logger: Logger) {
    this.#vectors = vectors
    this.#logger = logger
  }

  /**
   * The products whose text is nearest, best first, without the product itself. None when its text is not known or the
   * engine is in trouble: the other sources then have to do.
   */
  async near(productId: string, limit: number): Promise<readonly TextNeighbour[]> {
    try {
      const hits = await this.#search(productId, limit)
      if (this.#failing) this.#logger.info('text-similar candidates are back')
      this.#failing = false
      return hits
    } catch (error) {
      if (!(error instanceof EngineError)) throw error
      if (error.code === 'UNKNOWN_COLLECTION') return []
      if (!this.#failing)
        this.#logger.warn({ err: error }, 'recommending without text-similar candidates')
      this.#failing = true
      return []
    }
  }

  async #search(productId: string, limit: number): Promise<readonly TextNeighbour[]> {
    const [point] = await this.#vectors.retrieve(ITEMS_TEXT, [productId])
    const vector = point?.vectors[TEXT_VECTOR]
    if (vector === undefined) return []
    const filter = { mustNot: [{ ids: [productId] }] }
    const [hits = []] = await this.#vectors.search(ITEMS_TEXT, [
      { using: TEXT_VECTOR, vector, limit, filter },
    ])
    return hits.filter(({ score }) => score > 0).map(({ id, score }) => ({ productId: id, score }))
  }
}
