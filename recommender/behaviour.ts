import type { Candidates, Context } from './candidates/candidates.ts'
import { CoOccurrence } from './candidates/co-occurrence.ts'
import { Popularity } from './candidates/popularity.ts'
import { Transitions } from './candidates/transitions.ts'
import { Trending } from './candidates/trending.ts'
import type { Catalogue } from './catalogue.ts'
import type { Interaction } from './interactions.ts'
import type { Interner } from './interner.ts'
import type { RecommenderLimits } from './limits.ts'
import { People } from './people.ts'
import { OpenSessions, STEPS_MAX } from './sessions/open-sessions.ts'
import { SessionIndex } from './sessions/session-index.ts'
import { SessionNeighbours } from './sessions/session-neighbours.ts'
import type { RecommenderSettings } from './settings.ts'

export interface BehaviourOptions {
  readonly items: Interner
  readonly catalogue: Catalogue
  readonly limits: RecommenderLimits
  readonly settings: RecommenderSettings
}

/** Everything that is learned from what people do: a fold over their interactions, in order of arrival. */
export class Behaviour {
  readonly people: People
  readonly popularity: Popularity
  readonly trending: Trending
  readonly #items: Interner
  readonly #catalogue: Catalogue
  readonly #index: SessionIndex
  readonly #openSessions: OpenSessions
  readonly #neighbours: SessionNeighbours
  readonly #transitions: Transitions
  readonly #coOccurrence: CoOccurrence

  constructor({ items, catalogue, limits, settings }: BehaviourOptions) {
    this.#items = items
    this.#catalogue = catalogue
    this.people = new People(limits)
    this.popularity = new Popularity(limits.items, limits.categories)
    this.trending = new Trending(limits.items)
    this.#index = new SessionIndex(limits)
    this.#openSessions = new OpenSessions(this.#index, limits.openSessions)
    this.#neighbours = new SessionNeighbours(this.#index, limits.items, settings.neighbours)
    this.#transitions = new Transitions(
      limits.items,
      limits.transitionsPerItem,
      settings.transitions,
    )
    this.#coOccurrence = new CoOccurrence(
      limits.items,
      limits.companionsPerItem,
      settings.coOccurrence,
    )
  }

  /** O(1) for each product. False when products were left out because there is no room for new ones. */
  learn(interaction: Interaction): boolean {
    let complete = true
    for (const productId of interaction.productIds) {
      const item = this.#items.intern(productId)
      if (item === undefined) complete = false
      else this.#learnItem(interaction, item)
    }
    return complete
  }

  /** What those do who did as the context says. */
  sessionNeighbours(context: Context): Candidates {
    return this.#neighbours.propose(context)
  }

  transitions(context: Context): Candidates {
    return this.#transitions.propose(context)
  }

  coOccurrence(context: Context): Candidates {
    return this.#coOccurrence.propose(context)
  }

  forget(person: string): void {
    this.people.forget(person)
    this.#openSessions.forget(person)
  }

  #learnItem({ person, sessionId, time, bought }: Interaction, item: number): void {
    this.popularity.learn(item, this.#catalogue.facts(item)?.category ?? [], time)
    this.trending.learn(item, time)
    const open = this.#openSessions.at(sessionId, person, time)
    // Looking again at the same product says nothing of what goes with it.
    if (open.steps.at(-1) !== item) {
      this.#transitions.learn(open.steps, item, time)
      this.#coOccurrence.learn(this.people.recent(person).items, item)
      this.#index.append(open.session, item, time)
      open.steps.push(item)
      if (open.steps.length > STEPS_MAX) open.steps.shift()
    }
    this.people.see(person, item, time)
    if (bought) this.people.buy(person, item)
  }
}
