import { type Context, newestItems } from '../context.ts'
import { ItemPairs } from '../counting/item-pairs.ts'
import { ScoreBoard } from '../counting/score-board.ts'
import type { CandidateDeclaration, CandidateSource, Candidates, Encounter } from './candidate.ts'

export interface BoughtTogetherSettings {
  /** Added to the norm, so that pairs seen about as rarely as this count for little. */
  readonly shrink: number
  /** The items of how many of the newest moments of the context count. */
  readonly contextMoments: number
  /** Each moment further back counts so much less. */
  readonly contextDecay: number
}

const SETTINGS: BoughtTogetherSettings = { shrink: 5, contextMoments: 4, contextDecay: 0.6 }

export const boughtTogether: CandidateDeclaration<'bought_together'> = {
  name: 'bought_together',
  settings: SETTINGS,
  create: ({ limits }) => new BoughtTogether(limits.items, limits.companionsPerItem, SETTINGS),
  sentence: ({ title }) =>
    title === undefined
      ? 'Often chosen together with what you looked at.'
      : `Often chosen together with ${title}.`,
}

/**
 * What goes together: pairs of items that were among the newest few of the same person, in either order. The score is the
 * cosine of their counts, shrunk.
 */
export class BoughtTogether implements CandidateSource {
  readonly #settings: BoughtTogetherSettings
  readonly #pairs: ItemPairs
  readonly #counts: Float64Array
  readonly #board: ScoreBoard

  constructor(items: number, perItem: number, settings: BoughtTogetherSettings) {
    this.#settings = settings
    this.#pairs = new ItemPairs(items, perItem)
    this.#counts = new Float64Array(items)
    this.#board = new ScoreBoard(items)
  }

  learn({ item, recent, isRepeat }: Pick<Encounter, 'item' | 'recent' | 'isRepeat'>): void {
    if (isRepeat) return
    this.#counts[item] = (this.#counts[item] ?? 0) + 1
    for (const other of recent) {
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
      ...this.#board.take(),
      evidence: (item) => company.filter((other) => this.#pairs.has(other, item)),
    }
  }
}
