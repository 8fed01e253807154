import { setTimeout as sleep } from 'node:timers/promises'
import { usageOf } from '#dev/processes/freshet-process.ts'

const POLL_MS = 200

/** Watches the resident memory of a process until it ends. Linux only. */
export class MemoryWatch implements AsyncDisposable {
  /** The most there was, in bytes. */
  max = 0
  readonly #ending = new AbortController()
  readonly #watching: Promise<void>

  constructor(pid: number) {
    this.#watching = this.#watch(pid)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#ending.abort()
    await this.#watching
  }

  async #watch(pid: number): Promise<void> {
    while (!this.#ending.signal.aborted) {
      const usage = await usageOf(pid).catch(() => undefined)
      if (usage === undefined) return
      if (usage.rss > this.max) this.max = usage.rss
      await sleep(POLL_MS)
    }
  }
}
