import { type CandidateSource, type Candidates, type Context, newestItems } from './candidates.ts'
import { ItemPairs } from './item-pairs.ts'
import { ScoreBoard } from './score-board.ts'

export interface CoOccurrenceSettings {
  /** Pairs met so few times count for little: added to the norm. */
  readonly shrink: number
  /** The items of how many of the newest moments of the context count. */
  readonly contextMoments: number
  /** Each moment further back counts so much less. */
  readonly contextDecay: number
}

/**
 * What goes together: items that the same people met within their newest few, whatever the order, as the cosine of
 * their counts, shrunk.
 */
export class CoOccurrence implements CandidateSource {
  readonly #settings: CoOccurrenceSettings
  readonly #pairs: ItemPairs
  readonly #counts: Float64Array
  readonly #board: ScoreBoard

  constructor(items: number, perItem: number, settings: CoOccurrenceSettings) {
    this.#settings = settings
    this.#pairs = new ItemPairs(items, perItem)
    this.#counts = new Float64Array(items)
    this.#board = new ScoreBoard(items)
  }

  /** `item` comes into the company of `others`. */
  learn(others: readonly number[], item: number): void {
    this.#counts[item] = (this.#counts[item] ?? 0) + 1
    for (const other of others) {
      if (other === item) continue
      this.#pairs.add(item, other, 1)
      this.#pairs.add(other, item, 1)
    }
  }

  propose(context: Context): Candidates {
    const { shrink, contextMoments, contextDecay } = this.#settings
    const company = newestItems(context, contextMoments)
    for (const [position, other] of company.entries()) {
      const weight = contextDecay ** (context.ages[position] ?? position)
      const count = this.#counts[other] ?? 0
      this.#pairs.forEach(other, (item, together) => {
        const norm = Math.sqrt(count * (this.#counts[item] ?? 0)) + shrink
        this.#board.add(item, (weight * together) / norm)
      })
    }
    return {
      source: 'bought_together',
      ...this.#board.take(),
      evidence: (item) => company.filter((other) => this.#pairs.has(other, item)),
    }
  }
}
