import type { Logger } from 'pino'
import type { Vectors } from '#engines/vectors/port.ts'
import type { ListContext } from '../context.ts'
import type { Interner } from '../interner.ts'
import type { KnownProducts } from '../known-products.ts'
import type { RecommenderLimits } from '../limits.ts'
import type { SessionIndex } from '../sessions/session-index.ts'

/**
 * One way of guessing what a person wants next, declared in a file of its own. Once it is listed in `registry.ts`, it is
 * created, taught, asked, weighted, explained and evaluated; no other file has to know of it.
 */
export interface CandidateDeclaration<Name extends string = string> extends ReasonSource {
  readonly name: Name
  /** What its scores depend on besides the events, as JSON: part of the model's version. */
  readonly settings?: object
  /** A new source that has learned nothing. */
  create(memory: Memory): CandidateSource
}

/** Where a reason comes from. */
export interface ReasonSource {
  /** The `source` of the reason in answers. Clients rely on it: it is never renamed. */
  readonly name: string
  /** The reason as a customer reads it. */
  sentence(facts: ReasonFacts): string
}

export interface ReasonFacts {
  /** Of the newest product that led to the item, cut to fit a sentence; undefined when there is none. */
  readonly title: string | undefined
  /** The narrowest category of the item itself; undefined when the catalogue has none. */
  readonly category: string | undefined
}

/** A candidate with its state. The limits bound its memory and the time of each call. */
export interface CandidateSource {
  /** Called for every encounter, in order of arrival. Absent where the shared memory and the context are enough. */
  learn?(encounter: Encounter): void
  propose(context: ListContext): Candidates | Promise<Candidates>
  /** Lists to fill up from, in this order, when the candidates together propose too little. */
  fillIns?(context: ListContext): readonly SourcedCandidates[]
}

/** A person interacts with an item: views it, puts it into a cart or buys it. */
export interface Encounter {
  readonly item: number
  /** UTC milliseconds. */
  readonly time: number
  /** The newest items of the same visit before it, oldest first; never the same twice in a row. */
  readonly steps: readonly number[]
  /** The newest distinct items of the person's earlier encounters, newest first. */
  readonly recent: readonly number[]
  /** The same item as the step before: no sign of what goes with it. */
  readonly isRepeat: boolean
}

/** Proposed items and their scores: parallel arrays, in any order, scores above 0. */
export interface Candidates {
  readonly items: ArrayLike<number>
  readonly scores: ArrayLike<number>
  /** The items of the context that led to this one, newest first. */
  evidence(item: number): readonly number[]
}

export interface SourcedCandidates {
  readonly source: ReasonSource
  readonly candidates: Candidates
}

/** What the recommender keeps for all candidates. They read it and never change it. */
export interface Memory {
  readonly limits: RecommenderLimits
  /** The product id of each item number. */
  readonly items: Interner
  readonly products: KnownProducts
  /** Which items were seen in which visit. */
  readonly sessions: SessionIndex
  /** Undefined where there is no vector engine. */
  readonly vectors: Pick<Vectors, 'retrieve' | 'search'> | undefined
  readonly logger: Logger | undefined
}
