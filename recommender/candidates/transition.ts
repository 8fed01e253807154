import { type Context, newestItems } from '../context.ts'
import { ForwardDecay } from '../counting/forward-decay.ts'
import { ItemPairs } from '../counting/item-pairs.ts'
import { ScoreBoard } from '../counting/score-board.ts'
import type { CandidateDeclaration, CandidateSource, Candidates, Encounter } from './candidate.ts'

const DAY_MS = 24 * 3_600_000

export interface TransitionSettings {
  readonly halfLifeMs: number
  /** The items of how many of the newest moments of the context are followed. */
  readonly contextMoments: number
  /** Each moment further back counts so much less. */
  readonly contextDecay: number
}

const SETTINGS: TransitionSettings = {
  halfLifeMs: 30 * DAY_MS,
  contextMoments: 3,
  contextDecay: 0.6,
}

export const transition: CandidateDeclaration<'transition'> = {
  name: 'transition',
  settings: SETTINGS,
  create: ({ limits }) => new Transitions(limits.items, limits.transitionsPerItem, SETTINGS),
  sentence: ({ title }) =>
    title === undefined ? 'Often chosen next.' : `Often chosen right after ${title}.`,
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

  learn({ item, steps, time, isRepeat }: Pick<Encounter, 'item' | 'steps' | 'time' | 'isRepeat'>) {
    if (isRepeat) return
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
      ...this.#board.take(),
      evidence: (item) => followed.filter((before) => this.#pairs.has(before, item)),
    }
  }
}
