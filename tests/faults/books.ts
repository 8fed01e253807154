import { setTimeout as sleep } from 'node:timers/promises'
import { Ledger } from '#schemas/http/ledger.ts'

const POLL_MS = 300
const ANSWERS_WITHIN_MS = 5_000

/** Reads the ledger all the time; while its tables are away there is none. Disposing ends it. */
export class Books implements AsyncDisposable {
  taken = 0
  unbalanced = 0
  readonly #ending = new AbortController()
  readonly #following: Promise<void>
  #newest: Ledger | undefined

  constructor(url: string) {
    this.#following = this.#follow(url)
  }

  /** Resolves when a ledger of after this call has nothing pending. @throws Error when none has in time */
  async settled(withinMs: number): Promise<void> {
    const asked = Date.now()
    while (this.#newest?.pending !== 0 || Date.parse(this.#newest.as_of) <= asked) {
      if (Date.now() > asked + withinMs)
        throw new Error(`the ledger did not settle: ${JSON.stringify(this.#newest)}`)
      await sleep(POLL_MS)
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#ending.abort()
    await this.#following
  }

  async #follow(url: string): Promise<void> {
    while (!this.#ending.signal.aborted) {
      const ledger = await ledgerOf(url)
      if (ledger !== undefined && ledger.as_of !== this.#newest?.as_of) {
        this.#newest = ledger
        this.taken += 1
        if (!ledger.balanced) this.unbalanced += 1
      }
      await sleep(POLL_MS)
    }
  }
}

async function ledgerOf(url: string): Promise<Ledger | undefined> {
  const signal = AbortSignal.timeout(ANSWERS_WITHIN_MS)
  const answer = await fetch(`${url}/v1/ledger`, { signal }).catch(() => undefined)
  const body: unknown = await answer?.json().catch(() => undefined)
  return answer?.status === 200 ? Ledger.parse(body) : undefined
}
