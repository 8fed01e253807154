import type { Logger } from 'pino'
import { EngineError } from '#engines/errors.ts'
import { ITEMS_TEXT, TEXT_VECTOR } from '#schemas/vectors.ts'
import type { ListContext } from '../context.ts'
import type { Interner } from '../interner.ts'
import type { CandidateDeclaration, CandidateSource, Candidates, Memory } from './candidate.ts'

type VectorSearch = NonNullable<Memory['vectors']>

export const text: CandidateDeclaration<'text'> = {
  name: 'text',
  create: ({ items, vectors, logger }) => new TextSimilar(items, vectors, logger),
  sentence: ({ title }) =>
    title === undefined ? 'Described alike.' : `Described much like ${title}.`,
}

/** Products described like the newest one: also finds products that have no events yet. */
export class TextSimilar implements CandidateSource {
  readonly #items: Interner
  readonly #vectors: VectorSearch | undefined
  readonly #logger: Logger | undefined
  #isFailing = false

  constructor(items: Interner, vectors: VectorSearch | undefined, logger: Logger | undefined) {
    this.#items = items
    this.#vectors = vectors
    this.#logger = logger
  }

  /**
   * Scored by the cosine of their texts. Empty when the newest item has no text vector or the vector engine fails: the
   * list is then made of the other candidates.
   */
  async propose({ items: [newest], limit }: ListContext): Promise<Candidates> {
    // More than asked for: some of them may be out of stock.
    const hits = newest === undefined ? [] : await this.#near(this.#items.text(newest), limit * 2)
    const known = hits.flatMap(({ id, score }) => {
      const item = this.#items.find(id)
      return item === undefined || score <= 0 ? [] : [{ item, score }]
    })
    return {
      items: known.map(({ item }) => item),
      scores: known.map(({ score }) => score),
      evidence: () => (newest === undefined ? [] : [newest]),
    }
  }

  async #near(productId: string, limit: number) {
    try {
      const hits = await this.#search(productId, limit)
      if (this.#isFailing) this.#logger?.info('text-similar candidates are back')
      this.#isFailing = false
      return hits
    } catch (error) {
      if (!(error instanceof EngineError)) throw error
      if (error.code === 'UNKNOWN_COLLECTION') return []
      if (!this.#isFailing)
        this.#logger?.warn({ err: error }, 'recommending without text-similar candidates')
      this.#isFailing = true
      return []
    }
  }

  async #search(productId: string, limit: number) {
    const [point] = (await this.#vectors?.retrieve(ITEMS_TEXT, [productId])) ?? []
    const vector = point?.vectors[TEXT_VECTOR]
    if (this.#vectors === undefined || vector === undefined) return []
    const filter = { mustNot: [{ ids: [productId] }] }
    const [hits = []] = await this.#vectors.search(ITEMS_TEXT, [
      { using: TEXT_VECTOR, vector, limit, filter },
    ])
    return hits
  }
}
