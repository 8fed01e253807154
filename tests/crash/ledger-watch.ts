import { setTimeout as sleep } from 'node:timers/promises'
import { Ledger } from '#schemas/http/ledger.ts'

const POLL_MS = 100

/** Watching the ledger of one process. Disposing ends it. */
export interface Following extends AsyncDisposable {
  /** Resolves when a ledger taken after this call has nothing pending. @throws Error when none has, so many milliseconds later */
  settled(withinMs: number): Promise<void>
}

/** Reads the ledgers of one process after the other, all the time, and counts those that do not balance. */
export class LedgerWatch {
  taken = 0
  unbalanced = 0

  /** Goes on until the process does not answer. */
  follow(url: string): Following {
    const ending = new AbortController()
    let newest: Ledger | undefined
    const follow = async () => {
      while (!ending.signal.aborted) {
        const ledger = await ledgerOf(url)
        if (ledger === undefined) return
        if (ledger.as_of !== newest?.as_of) this.#count(ledger)
        newest = ledger
        await sleep(POLL_MS)
      }
    }
    const following = follow()
    following.catch(() => undefined)
    return {
      async settled(withinMs) {
        const asked = Date.now()
        const isSettled = () => newest?.pending === 0 && Date.parse(newest.as_of) > asked
        while (!isSettled()) {
          if (Date.now() > asked + withinMs)
            throw new Error(`the ledger did not settle: ${JSON.stringify(newest)}`)
          await sleep(POLL_MS)
        }
      },
      async [Symbol.asyncDispose]() {
        ending.abort()
        await following
      },
    }
  }

  #count(ledger: Ledger): void {
    this.taken += 1
    if (!ledger.balanced) this.unbalanced += 1
  }
}

/** Undefined when the process does not answer (any more). @throws Error when it answers wrongly */
async function ledgerOf(url: string): Promise<Ledger | undefined> {
  const answer = await fetch(`${url}/v1/ledger`).catch(() => undefined)
  const body = await answer?.json().catch(() => undefined)
  if (answer === undefined || body === undefined || answer.status === 503) return undefined
  if (answer.status === 200) return Ledger.parse(body)
  throw new Error(`the ledger answered ${answer.status}: ${JSON.stringify(body)}`)
}
