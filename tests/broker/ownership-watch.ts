import { setTimeout as sleep } from 'node:timers/promises'
import type { Log } from '#engines/log/port.ts'
import { FACTS } from '#processors/topologies.ts'

const POLL_MS = 200

/** Since when a partition has had records to process, and how far it was then. */
interface Standstill {
  readonly since: number
  readonly offset: number
}

/**
 * Sees how long any partition stands still with work to do: nobody owns it, or its owner does nothing. The time during
 * which the log itself does not answer does not count.
 */
export class OwnershipWatch implements AsyncDisposable {
  readonly #log: Log
  readonly #ending = new AbortController()
  readonly #following: Promise<void>
  readonly #standing = new Map<string, Standstill>()
  #longestMs = 0

  constructor(log: Log) {
    this.#log = log
    this.#following = this.#follow()
  }

  /** The longest standstill since this was asked last, milliseconds. */
  takeLongest(): number {
    const longest = this.#longestMs
    this.#longestMs = 0
    return Math.round(longest)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#ending.abort()
    await this.#following
  }

  async #follow(): Promise<void> {
    while (!this.#ending.signal.aborted) {
      try {
        await this.#look()
      } catch {
        this.#standing.clear()
      }
      await sleep(POLL_MS)
    }
  }

  async #look(): Promise<void> {
    const commits = await this.#log.committed(FACTS.group, FACTS.topics)
    const bounds = await this.#log.bounds(FACTS.topics)
    const now = performance.now()
    for (const { topic, partition, first, end } of bounds) {
      const name = `${topic}/${partition}`
      const commit = commits.find((c) => c.topic === topic && c.partition === partition)
      const offset = commit?.offset ?? first
      const before = this.#standing.get(name)
      if (offset >= end) this.#standing.delete(name)
      else if (before === undefined || before.offset !== offset)
        this.#standing.set(name, { since: now, offset })
      else this.#longestMs = Math.max(this.#longestMs, now - before.since)
    }
  }
}
