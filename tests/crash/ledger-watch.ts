import { setTimeout as sleep } from 'node:timers/promises'
import { Ledger } from '#schemas/http/ledger.ts'

const POLL_MS = 100
const ANSWERS_WITHIN_MS = 60_000
const SETTLES_WITHIN_MS = 300_000

/** Watching the ledger of one process. Disposing ends it. */
export interface Following extends AsyncDisposable {
  /** Resolves when a ledger taken after this call has nothing pending. @throws Error when none has within 5 min */
  settled(): Promise<void>
}

/** Reads the ledgers of processes all the time, and counts those that do not balance. */
export class LedgerWatch {
  taken = 0
  unbalanced = 0

  /** While the process or its tables do not answer there is no ledger. */
  follow(url: string): Following {
    const ending = new AbortController()
    let newest: Ledger | undefined
    const follow = async () => {
      while (!ending.signal.aborted) {
        const ledger = await ledgerOf(url, ending.signal)
        if (ledger !== undefined && ledger.as_of !== newest?.as_of) {
          this.#count(ledger)
          newest = ledger
        }
        await sleep(POLL_MS)
      }
    }
    const following = follow()
    following.catch(() => undefined)
    return {
      async settled() {
        const asked = Date.now()
        const isSettled = () => newest?.pending === 0 && Date.parse(newest.as_of) > asked
        while (!isSettled()) {
          if (Date.now() > asked + SETTLES_WITHIN_MS)
            throw new Error(`the ledger did not settle: ${JSON.stringify(newest)}`)
          await Promise.race([following, sleep(POLL_MS)])
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

/** @throws Error when the process answers with anything but a ledger or 503 */
async function ledgerOf(url: string, ended: AbortSignal): Promise<Ledger | undefined> {
  const signal = AbortSignal.any([ended, AbortSignal.timeout(ANSWERS_WITHIN_MS)])
  const answer = await fetch(`${url}/v1/ledger`, { signal }).catch(() => undefined)
  const body: unknown = await answer?.json().catch(() => undefined)
  if (answer === undefined || body === undefined || answer.status === 503) return undefined
  if (answer.status === 200) return Ledger.parse(body)
  throw new Error(`the ledger answered ${answer.status}: ${JSON.stringify(body)}`)
}
