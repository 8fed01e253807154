import { setTimeout as sleep } from 'node:timers/promises'
import { SeededRandom } from '#ingest/simulator/seeded-random.ts'
import type { EventsAccepted } from '#schemas/http/events-accepted.ts'
import { type SentEvent, Traffic } from './traffic.ts'

const CONNECTIONS = 8
const BATCH_EVENTS_MAX = 120
const PAUSE_MS_MAX = 100
const RETRY_MS = 15
const ANSWERS_WITHIN_MS = 120_000
/** How often an event that was acknowledged is sent once more, by a producer that missed the answer. */
const RESEND_SHARE = 0.03
const RECENT_MAX = 5_000

/**
 * Several producers that post batches of events all the time, each over its own connection, and send a batch again until
 * it is acknowledged, with the same event ids, whatever happens to Freshet in between.
 */
export class Producers {
  /** Every event that was acknowledged, by its id. */
  readonly acknowledged = new Map<string, SentEvent>()
  /** Posts without an answer yet. */
  inFlight = 0
  /** True to post without pausing between batches. */
  rushing = false
  readonly #random: SeededRandom
  readonly #traffic: Traffic
  readonly #recent: SentEvent[] = []
  readonly #working: Promise<unknown>
  readonly #pauseMsMax: number
  #url: string | undefined
  #isStopping = false

  /** @param pauseMsMax how long a producer rests after a batch, at most */
  constructor(seed: number, name: string, pauseMsMax = PAUSE_MS_MAX) {
    this.#pauseMsMax = pauseMsMax
    this.#random = new SeededRandom(seed + 1)
    this.#traffic = new Traffic(seed, name)
    this.#working = Promise.all(Array.from({ length: CONNECTIONS }, () => this.#produce()))
    this.#working.catch(() => undefined)
  }

  /** Where to post from now on; undefined while nobody is there. */
  postTo(url: string | undefined): void {
    this.#url = url
  }

  /** Resolves when so many events in all are acknowledged. @throws Error when a batch was refused */
  async reach(acknowledged: number): Promise<void> {
    const enough = async () => {
      while (this.acknowledged.size < acknowledged) await sleep(5)
    }
    await Promise.race([enough(), this.#working])
  }

  /** Resolves when more than half of the producers wait for an answer. */
  async busy(): Promise<void> {
    this.rushing = true
    while (this.inFlight <= CONNECTIONS / 2) await sleep(1)
    this.rushing = false
  }

  /** Resolves when all batches begun are acknowledged. @throws Error when one was refused */
  async stop(): Promise<void> {
    this.#isStopping = true
    await this.#working
  }

  async #produce(): Promise<void> {
    while (!this.#isStopping) {
      const batch = this.#batch()
      while (!(await this.#post(batch))) await sleep(RETRY_MS)
      for (const event of batch) this.#acknowledge(event)
      if (!this.rushing) await sleep(this.#random.below(this.#pauseMsMax))
    }
  }

  #batch(): readonly SentEvent[] {
    const random = this.#random
    return Array.from({ length: 1 + random.below(BATCH_EVENTS_MAX) }, () =>
      this.#recent.length > 0 && random.chance(RESEND_SHARE)
        ? random.pick(this.#recent)
        : this.#traffic.next(Date.now()),
    )
  }

  /** True when the batch is acknowledged, false when there was no answer or a request to come back. */
  async #post(events: readonly SentEvent[]): Promise<boolean> {
    if (this.#url === undefined) return false
    const headers = { 'Content-Type': 'application/json' }
    const signal = AbortSignal.timeout(ANSWERS_WITHIN_MS)
    const request = { method: 'POST', headers, body: JSON.stringify({ events }), signal }
    this.inFlight += 1
    const answer = await fetch(`${this.#url}/v1/events`, request)
      .then(async (response) => ({ status: response.status, text: await response.text() }))
      .catch(() => undefined)
      .finally(() => (this.inFlight -= 1))
    if (answer === undefined || answer.status === 503) return false
    const isAccepted =
      answer.status === 202 &&
      (JSON.parse(answer.text) as EventsAccepted).accepted === events.length
    if (!isAccepted) throw new Error(`Freshet refused a batch: ${answer.status} ${answer.text}`)
    return true
  }

  #acknowledge(event: SentEvent): void {
    this.acknowledged.set(event.event_id, event)
    if (this.#recent.length < RECENT_MAX) this.#recent.push(event)
    else this.#recent[this.#random.below(RECENT_MAX)] = event
  }
}
