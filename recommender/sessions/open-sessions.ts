import { LRUCache } from 'lru-cache'
import type { SessionIndex } from './session-index.ts'

/** Without a session id, a person's next event after so long a silence begins a new session. */
export const SESSION_GAP_MS = 30 * 60_000

/** How many steps of an open session are remembered. */
export const STEPS_MAX = 8

export interface OpenSession {
  /** Its number in the session index. */
  session: number
  /** UTC milliseconds of its newest event. */
  time: number
  /** The newest items in order of time, repeats included, at most STEPS_MAX; never the same twice in a row. */
  readonly steps: number[]
}

/** The sessions that may still grow: known by their session id, else by the person and a gap of 30 minutes. */
export class OpenSessions {
  readonly #index: SessionIndex
  readonly #byId: LRUCache<string, OpenSession>
  readonly #byPerson: LRUCache<string, OpenSession>

  constructor(index: SessionIndex, capacity: number) {
    this.#index = index
    this.#byId = new LRUCache({ max: capacity })
    this.#byPerson = new LRUCache({ max: capacity })
  }

  /** The session that an event at `time` belongs to, opened if there is none. */
  at(sessionId: string | null, person: string, time: number): OpenSession {
    const sessions = sessionId === null ? this.#byPerson : this.#byId
    const key = sessionId ?? person
    const known = sessions.get(key)
    const broken = sessionId === null && known !== undefined && time - known.time > SESSION_GAP_MS
    if (known !== undefined && !broken && this.#index.isAlive(known.session)) {
      known.time = Math.max(known.time, time)
      return known
    }
    const opened: OpenSession = { session: this.#index.open(), time, steps: [] }
    sessions.set(key, opened)
    return opened
  }

  /** Forgets to whom the sessions belonged; what happened in them stays, without a person. */
  forget(person: string): void {
    this.#byPerson.delete(person)
  }
}
