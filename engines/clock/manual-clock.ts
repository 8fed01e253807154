import { setImmediate } from 'node:timers/promises'
import type { Clock } from './port.ts'

interface Sleeper {
  readonly due: number
  readonly wake: () => void
}

/** A clock that stands still until a test moves it. */
export class ManualClock implements Clock {
  #now: number
  readonly #sleepers = new Set<Sleeper>()

  /** @param start UTC milliseconds; by default some instant of 2026, since 0 hides bugs. */
  constructor(start = Date.UTC(2026, 0, 1)) {
    this.#now = start
  }

  now(): number {
    return this.#now
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    if (ms <= 0 || signal?.aborted === true) return Promise.resolve()
    return new Promise((resolve) => {
      const wake = () => {
        this.#sleepers.delete(sleeper)
        signal?.removeEventListener('abort', wake)
        resolve()
      }
      const sleeper = { due: this.#now + ms, wake }
      this.#sleepers.add(sleeper)
      signal?.addEventListener('abort', wake)
    })
  }

  /**
   * Moves time forward, stopping at each sleep that falls due: in order of time, then of the calls. What wakes up may
   * sleep again within the same stretch. Resolves when the event loop has turned once after the last of them.
   */
  async advance(ms: number): Promise<void> {
    const target = this.#now + ms
    await setImmediate()
    for (let next = this.#next(target); next !== undefined; next = this.#next(target)) {
      this.#now = next.due
      next.wake()
      await setImmediate()
    }
    this.#now = target
  }

  #next(target: number): Sleeper | undefined {
    let next: Sleeper | undefined
    for (const sleeper of this.#sleepers) {
      if (sleeper.due <= target && (next === undefined || sleeper.due < next.due)) next = sleeper
    }
    return next
  }
}
