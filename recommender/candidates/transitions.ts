import { ForwardDecay } from '../forward-decay.ts'
import { type CandidateSource, type Candidates, type Context, newestItems } from './candidates.ts'
import { ItemPairs } from './item-pairs.ts'
import { ScoreBoard } from './score-board.ts'

export interface TransitionSettings {
  readonly halfLifeMs: number
  /** The items of how many of the newest moments of the context are followed. */
  readonly contextMoments: number
  /** Each moment further back counts so much less. */
  readonly contextDecay: number
}

/** What comes next: how often an item followed another within a few steps, each step further counting less. */
export class Transitions implements CandidateSource {
  readonly #settings: TransitionSettings
  readonly #pairs: ItemPairs
  readonly #decay: ForwardDecay
  readonly #board: ScoreBoard

  constructor(items: number, perItem: number, settings: TransitionSettings) {
    this.#settings = settings
    this.#pairs = new ItemPairs(items, perItem)
    this.#decay = new ForwardDecay(settings.halfLifeMs, (factor) => this.#pairs.scale(factor))
    this.#board = new ScoreBoard(items)
  }

  /** `item` comes after `steps`, which are in order of time. */
  learn(steps: readonly number[], item: number, time: number): void {
    const weight = this.#decay.weight(time)
    for (let distance = 1; distance <= steps.length; distance++) {
      const before = steps[steps.length - distance]
      if (before !== undefined && before !== item) this.#pairs.add(before, item, weight / distance)
    }
  }

  propose(context: Context): Candidates {
    const { contextMoments, contextDecay } = this.#settings
    const followed = newestItems(context, contextMoments)
    for (const [position, before] of followed.entries()) {
      const weight = contextDecay ** (context.ages[position] ?? position)
      this.#pairs.forEach(before, (item, count) => this.#board.add(item, weight * count))
    }
    return {
      source: 'transition',
      ...this.#board.take(),
      evidence: (item) => followed.filter((before) => this.#pairs.has(before, item)),
    }
  }
}
