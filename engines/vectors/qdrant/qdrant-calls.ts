import { QdrantClient, type Schemas } from '@qdrant/js-client-rest'
import { closed, type EngineError, timedOut, unavailable } from '#engines/errors.ts'
import { qdrantError } from './qdrant-error.ts'
import type { QdrantAddress } from './qdrant-url.ts'

type Api = ReturnType<QdrantClient['api']>

type Request<T> = (api: Api, init: RequestInit) => Promise<{ readonly data: T }>

interface CallOptions {
  readonly signal?: AbortSignal | undefined
  readonly timeoutMs?: number | undefined
}

/** One HTTP request per call, with a deadline; failures are EngineErrors. Nothing is retried here. */
export class QdrantCalls {
  readonly #baseUrl: string
  readonly #timeoutMs: number
  readonly #api: Api
  readonly #closing = new AbortController()

  constructor({ baseUrl, apiKey }: QdrantAddress, timeoutMs: number) {
    this.#baseUrl = baseUrl
    this.#timeoutMs = timeoutMs
    const client = new QdrantClient({
      url: baseUrl,
      // As a header, because the client writes a warning to the console about keys over plain HTTP.
      headers: apiKey === undefined ? {} : { 'api-key': apiKey },
      // We check the version ourselves; the client's timer would replace the signal of a call.
      checkCompatibility: false,
      timeout: Number.POSITIVE_INFINITY,
    })
    this.#api = client.api()
  }

  /** The `result` of Qdrant's answer. @throws EngineError, or the signal's reason */
  async result<T>(
    request: Request<{ readonly result?: T | null } | null>,
    options: CallOptions = {},
  ): Promise<T> {
    const result = (await this.answer(request, options))?.result
    if (result !== undefined && result !== null) return result
    const words = `${this.#baseUrl} answers without a result: is it a Qdrant?`
    throw unavailable(words)
  }

  /** Resolves when an update that was sent with `wait` is applied. @throws EngineError */
  async update(
    request: Request<{ readonly result?: Schemas['UpdateResult'] }>,
    options: CallOptions = {},
  ): Promise<void> {
    const { status } = await this.result(request, options)
    if (status === 'completed') return
    throw timedOut(`Qdrant has not applied an update yet: ${status}`)
  }

  /** The whole answer. @throws EngineError, or the signal's reason */
  async answer<T>(
    request: Request<T>,
    { signal, timeoutMs = this.#timeoutMs }: CallOptions = {},
  ): Promise<T> {
    signal?.throwIfAborted()
    this.checkOpen()
    const deadline = AbortSignal.timeout(timeoutMs)
    const signals = [this.#closing.signal, deadline, ...(signal ? [signal] : [])]
    try {
      const { data } = await request(this.#api, { signal: AbortSignal.any(signals) })
      return data
    } catch (error) {
      signal?.throwIfAborted()
      this.checkOpen()
      if (deadline.aborted) throw this.#lateAfter(timeoutMs)
      throw qdrantError(this.#baseUrl, error)
    }
  }

  checkOpen(): void {
    if (!this.#closing.signal.aborted) return
    throw closed('the vector engine is closed')
  }

  /** Ends the calls under way. */
  close(): void {
    this.#closing.abort()
  }

  #lateAfter(timeoutMs: number): EngineError {
    const words = `Qdrant at ${this.#baseUrl} has not answered within ${timeoutMs} ms`
    return timedOut(words)
  }
}
