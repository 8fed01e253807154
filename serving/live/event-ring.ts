import type { LiveEvent } from './server-sent-event.ts'

/** The newest events, for listeners that (re)connect. */
export class EventRing {
  readonly #capacity: number
  readonly #events: LiveEvent[] = []
  #nextId: number

  /** @param firstId must be higher than any id of an earlier process, as the time in milliseconds is. */
  constructor(capacity: number, firstId: number) {
    this.#capacity = capacity
    this.#nextId = firstId
  }

  add(event: string, data: string): LiveEvent {
    const added = { id: this.#nextId++, event, data }
    this.#events.push(added)
    if (this.#events.length > this.#capacity) this.#events.shift()
    return added
  }

  /** Drops the events; ids go on increasing. */
  clear(): void {
    this.#events.length = 0
  }

  /** Everything after `id` if that is still known, else the newest event of each name, in order of id. */
  after(id: number | undefined): readonly LiveEvent[] {
    const oldest = this.#events[0]?.id
    if (id !== undefined && oldest !== undefined && id >= oldest - 1 && id < this.#nextId) {
      return this.#events.filter((event) => event.id > id)
    }
    const newest = new Map(this.#events.map((event) => [event.event, event]))
    return [...newest.values()].sort((a, b) => a.id - b.id)
  }
}
