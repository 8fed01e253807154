import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import { z } from 'zod'
import type { Clock } from '#engines/clock/port.ts'
import type { EventInput } from '#schemas/events/json.ts'
import { EventsAccepted, type Rejection } from '#schemas/http/events-accepted.ts'
import { delayMs, retryAfterMs } from './backoff.ts'
import { ClientError, networkReason } from './client-error.ts'

export interface EventClientOptions {
  /** Where Freshet answers, such as http://127.0.0.1:8080. */
  readonly url: string
  readonly clock: Clock
  /** Default true: events shrink about tenfold. */
  readonly gzip?: boolean
  /** Uniform in [0, 1); default Math.random. */
  readonly random?: () => number
  /** A request that takes longer counts as a network failure; default 30 s. */
  readonly requestTimeoutMs?: number
  /** Called before each wait, so that a user can be told why nothing moves. */
  readonly onRetry?: (retry: { readonly reason: string; readonly delayMs: number }) => void
}

const RETRIED: ReadonlySet<number> = new Set([429, 502, 503, 504])
const Problem = z.object({ detail: z.string() })

interface Answer {
  readonly status: number
  readonly body: unknown
}

/** The request has to be sent again. */
interface Retry {
  readonly reason: string
  readonly retryAfter: string | null
}

const gzipped = promisify(gzip)

/** Posts events to a running Freshet until they are acknowledged. */
export class EventClient {
  readonly #options: EventClientOptions
  readonly #endpoint: URL

  /** @throws ClientError when the URL is not one */
  constructor(options: EventClientOptions) {
    const base = URL.parse(options.url)
    if (base === null || !/^https?:$/.test(base.protocol))
      throw new ClientError(`"${options.url}" is no URL; write one such as http://127.0.0.1:8080`)
    this.#options = options
    this.#endpoint = new URL(`${base.pathname.replace(/\/$/, '')}/v1/events`, base)
  }

  /** Resolves when something answers HTTP there. @throws ClientError */
  async ping(signal?: AbortSignal): Promise<void> {
    const { origin } = this.#endpoint
    try {
      await fetch(new URL('/livez', origin), { signal: this.#limit(signal) })
    } catch (error) {
      signal?.throwIfAborted()
      const reason = networkReason(error)
      throw new ClientError(
        `nothing answers at ${origin} (${reason}); start Freshet with "npm start" or name its address with --url`,
        error,
      )
    }
  }

  /**
   * Sends the events as one request, as several when Freshet finds it too large. Resolves when each of them is durable
   * or rejected; one that is overloaded, absent or failing is asked again for ever. Rejected indexes count from 0 in `events`.
   * @throws ClientError when Freshet refuses the request as such; the signal's reason when it aborts
   */
  async send(events: readonly EventInput[], signal?: AbortSignal): Promise<EventsAccepted> {
    return this.sendLines(
      events.map((event) => JSON.stringify(event)),
      signal,
    )
  }

  /** The same for events that are JSON text already. */
  async sendLines(lines: readonly string[], signal?: AbortSignal): Promise<EventsAccepted> {
    const { status, body } = await this.#post(lines, signal)
    if (status === 413) return this.#sendHalves(lines, signal)
    const answer = EventsAccepted.safeParse(body)
    if ((status === 202 || status === 422) && answer.success) return answer.data
    const problem = Problem.safeParse(body)
    const detail = problem.success ? problem.data.detail : 'the answer is not that of a Freshet'
    throw new ClientError(`${this.#endpoint.href} answers HTTP ${status}: ${detail}`)
  }

  async #sendHalves(lines: readonly string[], signal?: AbortSignal): Promise<EventsAccepted> {
    if (lines.length === 1) return { accepted: 0, rejected: [TOO_LARGE] }
    const middle = Math.ceil(lines.length / 2)
    const first = await this.sendLines(lines.slice(0, middle), signal)
    const second = await this.sendLines(lines.slice(middle), signal)
    return {
      accepted: first.accepted + second.accepted,
      rejected: [
        ...first.rejected,
        ...second.rejected.map((each) => ({ ...each, index: each.index + middle })),
      ],
    }
  }

  async #post(lines: readonly string[], signal?: AbortSignal): Promise<Answer> {
    const { clock, random = Math.random, onRetry } = this.#options
    const request = await this.#request(lines)
    for (let attempt = 0; ; attempt++) {
      signal?.throwIfAborted()
      const answer = await this.#attempt(request, signal)
      if (!('retryAfter' in answer)) return answer
      const asked = retryAfterMs(answer.retryAfter, clock.now())
      const ms = delayMs(attempt, asked, { firstMs: 200, ceilingMs: 20_000, random })
      onRetry?.({ reason: answer.reason, delayMs: ms })
      await clock.sleep(ms, signal)
    }
  }

  async #attempt(request: RequestInit, signal?: AbortSignal): Promise<Answer | Retry> {
    try {
      const response = await fetch(this.#endpoint, { ...request, signal: this.#limit(signal) })
      const { status } = response
      const body = parse(await response.text())
      if (!RETRIED.has(status)) return { status, body }
      return { reason: `HTTP ${status}`, retryAfter: response.headers.get('retry-after') }
    } catch (error) {
      signal?.throwIfAborted()
      return { reason: networkReason(error), retryAfter: null }
    }
  }

  async #request(lines: readonly string[]): Promise<RequestInit> {
    const body = lines.join('\n')
    const headers = { 'content-type': 'application/x-ndjson' }
    if (this.#options.gzip === false) return { method: 'POST', headers, body }
    return {
      method: 'POST',
      headers: { ...headers, 'content-encoding': 'gzip' },
      body: await gzipped(body, { level: 1 }),
    }
  }

  #limit(signal: AbortSignal | undefined): AbortSignal {
    const timeout = AbortSignal.timeout(this.#options.requestTimeoutMs ?? 30_000)
    return signal === undefined ? timeout : AbortSignal.any([signal, timeout])
  }
}

const TOO_LARGE: Rejection = {
  index: 0,
  event_id: null,
  code: 'event_too_large',
  pointer: '',
  message: 'this event alone is too large',
}

/** Undefined when it is not JSON. */
function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
