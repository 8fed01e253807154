import { type Context, newestItems } from '../context.ts'
import { ScoreBoard } from '../counting/score-board.ts'
import { topIndexes } from '../counting/top-indexes.ts'
import { NO_CLICK, SESSION_ITEMS_MAX, type SessionIndex } from '../sessions/session-index.ts'
import type { CandidateDeclaration, CandidateSource, Candidates } from './candidate.ts'

export interface NeighbourSettings {
  /** m: sessions looked at for each item of the context. */
  readonly sessionsPerItem: number
  /** k: of those, the most similar ones that vote. */
  readonly neighbours: number
  /** The items of how many of the newest moments of the context are matched, at most 32 items. */
  readonly contextMoments: number
  /** A match with an item of the context weighs 1/e less for each so many moments of age; null: all the same. */
  readonly contextDecay: number | null
  /** So does a neighbour's vote, by the age of the newest item that it shares. */
  readonly matchDecay: number | null
  /** And so do the neighbour's items, by their steps from the shared one. */
  readonly distanceDecay: number | null
  /** A neighbour's similarity is divided by its length to this power. */
  readonly lengthExponent: number
  /** An item's vote is multiplied by `base` + ln(sessions / sessions with it) x `weight`. */
  readonly idf: { readonly base: number; readonly weight: number }
}

const SETTINGS: NeighbourSettings = {
  sessionsPerItem: 1000,
  neighbours: 500,
  contextMoments: 10,
  contextDecay: 3,
  matchDecay: null,
  distanceDecay: 5,
  lengthExponent: 0.5,
  idf: { base: 1, weight: 3 },
}

export const sessionNeighbours: CandidateDeclaration<'session'> = {
  name: 'session',
  settings: SETTINGS,
  create: ({ sessions, limits }) => new SessionNeighbours(sessions, limits.items, SETTINGS),
  sentence: ({ title }) =>
    title === undefined
      ? 'Others with an interest like yours also chose this.'
      : `Others who looked at ${title} in a visit like yours also chose this.`,
}

/** Positions of the context are kept as the bits of a number. */
const POSITIONS_MAX = 32

/** How many of an item's newest sessions are searched for evidence. */
const EVIDENCE_SESSIONS_MAX = 500

/**
 * Sessions like this one, and what else was in them: VMIS-kNN (Kersbergen, Sprangers, Schelter: "Serenade", SIGMOD
 * 2022) over the live index, with the decays of VSTAN (Ludewig et al., UMUAI 2020).
 */
export class SessionNeighbours implements CandidateSource {
  readonly #index: SessionIndex
  readonly #settings: NeighbourSettings
  readonly #similarity: ScoreBoard
  readonly #sharedClick: Float64Array
  readonly #sharedAge: Uint16Array
  readonly #sharedPositions: Uint32Array
  readonly #votes: ScoreBoard
  readonly #items = new Uint32Array(SESSION_ITEMS_MAX)
  /** What an item's vote weighs by its steps from the shared one. */
  readonly #nearness: Float64Array

  constructor(index: SessionIndex, items: number, settings: NeighbourSettings) {
    this.#index = index
    this.#settings = settings
    this.#similarity = new ScoreBoard(index.sessionSlots)
    this.#sharedClick = new Float64Array(index.sessionSlots)
    this.#sharedAge = new Uint16Array(index.sessionSlots)
    this.#sharedPositions = new Uint32Array(index.sessionSlots)
    this.#votes = new ScoreBoard(items)
    this.#nearness = Float64Array.from({ length: SESSION_ITEMS_MAX }, (_, steps) =>
      decayed(steps, settings.distanceDecay),
    )
  }

  propose(context: Context): Candidates {
    this.#match(context)
    const neighbours = this.#nearest()
    for (const { click, age, similarity } of neighbours)
      this.#vote(click, similarity * decayed(age, this.#settings.matchDecay))
    const { items, scores } = this.#votes.take()
    for (let at = 0; at < scores.length; at++)
      scores[at] = (scores[at] ?? 0) * this.#rarity(items[at] ?? 0)
    return {
      items,
      scores,
      evidence: evidenceOf(this.#index, neighbours, context),
    }
  }

  /** Adds up, for each session that shares an item with the context, how much it shares. */
  #match(context: Context): void {
    const { sessionsPerItem, contextMoments, contextDecay } = this.#settings
    const items = newestItems(context, contextMoments).slice(0, POSITIONS_MAX)
    for (const [position, item] of items.entries()) {
      const age = context.ages[position] ?? position
      const match = { position, age, weight: decayed(age, contextDecay) }
      let click = this.#index.newestClickOn(item)
      for (let seen = 0; click !== NO_CLICK && seen < sessionsPerItem; seen++) {
        if (this.#index.isKept(this.#index.session(click))) this.#share(click, match)
        click = this.#index.earlierClickOn(click)
      }
    }
  }

  #share(click: number, { position, age, weight }: Match): void {
    const slot = this.#index.slotOf(this.#index.session(click))
    // The context runs from the newest item on, so the first match is the newest.
    if (this.#similarity.add(slot, weight)) {
      this.#sharedClick[slot] = click
      this.#sharedAge[slot] = age
      this.#sharedPositions[slot] = 0
    }
    this.#sharedPositions[slot] = (this.#sharedPositions[slot] ?? 0) | (1 << position)
  }

  /** The k most similar sessions, the newer of two alike. */
  #nearest(): Neighbour[] {
    const { neighbours, lengthExponent } = this.#settings
    const { items: slots, scores } = this.#similarity.take()
    const found = slots.map((slot, index): Neighbour => {
      const click = this.#sharedClick[slot] ?? NO_CLICK
      const length = this.#index.length(this.#index.session(click))
      const similarity = (scores[index] ?? 0) / length ** lengthExponent
      const age = this.#sharedAge[slot] ?? 0
      return { click, age, similarity, positions: this.#sharedPositions[slot] ?? 0 }
    })
    const newerFirst = (a: number, b: number) => (found[b]?.click ?? 0) - (found[a]?.click ?? 0)
    const similarities = Float64Array.from(found, ({ similarity }) => similarity)
    return topIndexes(similarities, neighbours, newerFirst).flatMap((at) => found[at] ?? [])
  }

  #vote(sharedClick: number, weight: number): void {
    const index = this.#index
    let length = 0
    let shared = 0
    let click = index.newestClick(index.session(sharedClick))
    for (; click !== NO_CLICK && length < SESSION_ITEMS_MAX; click = index.earlierClick(click)) {
      if (click === sharedClick) shared = length
      this.#items[length++] = index.item(click)
    }
    for (let step = 0; step < length; step++) {
      const nearness = this.#nearness[Math.abs(step - shared)] ?? 0
      this.#votes.add(this.#items[step] ?? 0, weight * nearness)
    }
  }

  /** The same for every vote on an item. */
  #rarity(item: number): number {
    const { base, weight } = this.#settings.idf
    return base + weight * Math.log(this.#index.sessionCount / this.#index.sessionsWith(item))
  }
}

function decayed(steps: number, decay: number | null): number {
  return decay === null ? 1 : Math.exp(-steps / decay)
}

/** One item of the context. */
interface Match {
  readonly position: number
  readonly age: number
  readonly weight: number
}

interface Neighbour {
  /** Its click on the newest item that it shares with the context. */
  readonly click: number
  readonly age: number
  readonly similarity: number
  /** Which positions of the context it shares, as bits. */
  readonly positions: number
}

/** Finds the items of a context that stand beside an item in a neighbour, from the item's own newest sessions. */
function evidenceOf(
  index: SessionIndex,
  neighbours: readonly Neighbour[],
  { items }: Context,
): Candidates['evidence'] {
  let bySession: Map<number, number> | undefined
  return (item) => {
    bySession ??= new Map(neighbours.map((each) => [index.session(each.click), each.positions]))
    let positions = 0
    let click = index.newestClickOn(item)
    for (let seen = 0; click !== NO_CLICK && seen < EVIDENCE_SESSIONS_MAX; seen++) {
      positions |= bySession.get(index.session(click)) ?? 0
      click = index.earlierClickOn(click)
    }
    return items.filter((other, position) => other !== item && (positions >>> position) & 1)
  }
}
