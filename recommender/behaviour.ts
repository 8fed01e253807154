import type { WeightedCandidates } from './blend.ts'
import type {
  CandidateDeclaration,
  CandidateSource,
  Memory,
  SourcedCandidates,
} from './candidates/candidate.ts'
import type { Registered } from './candidates/registry.ts'
import type { ListContext } from './context.ts'
import type { Interaction } from './interactions.ts'
import { People } from './people.ts'
import { OpenSessions, STEPS_MAX } from './sessions/open-sessions.ts'
import type { Weights } from './settings.ts'

/** Everything that is learned from what people do: a fold over their interactions, in order of arrival. */
export class Behaviour {
  readonly people: People
  readonly #memory: Memory
  readonly #openSessions: OpenSessions
  readonly #candidates: readonly {
    readonly candidate: CandidateDeclaration
    readonly source: CandidateSource
  }[]

  constructor(memory: Memory, registered: readonly Registered[]) {
    this.#memory = memory
    this.people = new People(memory.limits)
    this.#openSessions = new OpenSessions(memory.sessions, memory.limits.openSessions)
    this.#candidates = registered.map(({ candidate }) => {
      return { candidate, source: candidate.create(memory) }
    })
  }

  /** O(1) for each product. False when products were left out because there is no room for new ones. */
  learn(interaction: Interaction): boolean {
    let complete = true
    for (const productId of interaction.productIds) {
      const item = this.#memory.items.intern(productId)
      if (item === undefined) complete = false
      else this.#learnItem(interaction, item)
    }
    return complete
  }

  /** What each candidate that has a weight proposes, in the order of the registry. */
  propose(weights: Weights, context: ListContext): Promise<readonly WeightedCandidates[]> {
    const asked = this.#candidates.flatMap(({ candidate, source }) => {
      const weight = weights[candidate.name] ?? 0
      return weight > 0 ? [{ candidate, weight, proposed: source.propose(context) }] : []
    })
    return Promise.all(
      asked.map(async ({ candidate, weight, proposed }) => {
        return { source: candidate, weight, candidates: await proposed }
      }),
    )
  }

  /** What to fill a list up from when the candidates proposed too little, the best first. */
  fillIns(context: ListContext): readonly SourcedCandidates[] {
    return this.#candidates.flatMap(({ source }) => source.fillIns?.(context) ?? [])
  }

  forget(person: string): void {
    this.people.forget(person)
    this.#openSessions.forget(person)
  }

  #learnItem({ person, sessionId, time, bought }: Interaction, item: number): void {
    const { session, steps } = this.#openSessions.at(sessionId, person, time)
    const isRepeat = steps.at(-1) === item
    const encounter = { item, time, steps, isRepeat, recent: this.people.recent(person).items }
    for (const { source } of this.#candidates) source.learn?.(encounter)
    if (!isRepeat) {
      this.#memory.sessions.append(session, item, time)
      steps.push(item)
      if (steps.length > STEPS_MAX) steps.shift()
    }
    this.people.see(person, item, time)
    if (bought) this.people.buy(person, item)
  }
}
