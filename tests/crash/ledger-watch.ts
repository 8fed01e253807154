import { setTimeout as sleep } from 'node:timers/promises'
import type { Ledger } from '#schemas/http/ledger.ts'
import { ledgerOf } from './victim.ts'

const POLL_MS = 100

/** Watching the ledger of one process. Disposing ends it. */
export interface Following extends AsyncDisposable {
  /** Resolves when nothing is pending. @throws Error when something still is after so many milliseconds */
  settled(withinMs: number): Promise<void>
}

/** Reads the ledgers of one process after the other, all the time, and keeps the score. */
export class LedgerWatch {
  polls = 0
  unbalanced = 0
  /** Milliseconds from the start of each process until what it found in the log was processed. */
  readonly takeovers: number[] = []

  /** Resolves after the first look, which says what this process found in the log. Goes on until it does not answer. */
  async follow(url: string, startedAt: number): Promise<Following> {
    const ending = new AbortController()
    let newest = await this.#look(url)
    const found = newest
    const follow = async () => {
      let isTakenOver = false
      while (newest !== undefined && found !== undefined) {
        if (!isTakenOver && hasProcessed(newest, found)) {
          isTakenOver = true
          this.takeovers.push(performance.now() - startedAt)
        }
        if (ending.signal.aborted) return
        await sleep(POLL_MS)
        newest = await this.#look(url)
      }
    }
    const following = follow()
    following.catch(() => undefined)
    return {
      settled: async (withinMs) => {
        const end = performance.now() + withinMs
        let ledger = await this.#look(url)
        while (ledger?.pending !== 0) {
          if (ledger === undefined || performance.now() > end)
            throw new Error(`the ledger did not settle: ${JSON.stringify(ledger)}`)
          await sleep(POLL_MS)
          ledger = await this.#look(url)
        }
      },
      async [Symbol.asyncDispose]() {
        ending.abort()
        await following
      },
    }
  }

  async #look(url: string): Promise<Ledger | undefined> {
    const ledger = await ledgerOf(url)
    if (ledger === undefined) return undefined
    this.polls += 1
    if (!ledger.balanced) this.unbalanced += 1
    return ledger
  }
}

function hasProcessed(ledger: Ledger, found: Ledger): boolean {
  return ledger.partitions.every(({ appended, pending }, i) => {
    return appended - pending >= (found.partitions[i]?.appended ?? 0)
  })
}
