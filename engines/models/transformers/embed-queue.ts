import { overloaded, refused } from '#engines/errors.ts'

/** Enough texts to sort by length, few enough that a small call need not wait long. */
const TEXTS_PER_BATCH = 128

/** Vectors for the texts, in order. */
type EmbedBatch = (texts: readonly string[]) => Promise<readonly Float32Array[]>

/** One call of `enqueue`. */
interface Call {
  readonly vectors: Float32Array[]
  missing: number
  readonly resolve: (vectors: readonly Float32Array[]) => void
  readonly reject: (reason: unknown) => void
}

interface WaitingText {
  readonly text: string
  readonly position: number
  readonly call: Call
}

/** Gathers the texts of all calls into batches and runs one batch at a time, first come, first served. */
export class EmbedQueue {
  readonly #embedBatch: EmbedBatch
  readonly #capacity: number
  #waiting: WaitingText[] = []
  #running = false

  constructor(embedBatch: EmbedBatch, capacity: number) {
    this.#embedBatch = embedBatch
    this.#capacity = capacity
  }

  /** @throws EngineError ENGINE_OVERLOADED when the texts find no room, ENGINE_REFUSED when they never will; what the batch threw */
  async enqueue(texts: readonly string[], signal?: AbortSignal): Promise<readonly Float32Array[]> {
    signal?.throwIfAborted()
    if (texts.length === 0) return []
    this.#checkRoom(texts.length)
    const { promise, resolve, reject } = Promise.withResolvers<readonly Float32Array[]>()
    const call: Call = { vectors: [], missing: texts.length, resolve, reject }
    for (const [position, text] of texts.entries()) this.#waiting.push({ text, position, call })
    const abandon = () => this.#fail(call, signal?.reason)
    signal?.addEventListener('abort', abandon)
    void this.#run()
    return promise.finally(() => signal?.removeEventListener('abort', abandon))
  }

  async #run(): Promise<void> {
    if (this.#running) return
    this.#running = true
    while (this.#waiting.length > 0) {
      const batch = this.#waiting.splice(0, TEXTS_PER_BATCH)
      try {
        const vectors = await this.#embedBatch(batch.map(({ text }) => text))
        for (const [index, item] of batch.entries()) deliver(item, vectors[index])
      } catch (error) {
        for (const { call } of batch) this.#fail(call, error)
      }
    }
    this.#running = false
  }

  #fail(call: Call, reason: unknown): void {
    call.reject(reason)
    this.#waiting = this.#waiting.filter((item) => item.call !== call)
  }

  #checkRoom(texts: number): void {
    if (texts > this.#capacity) {
      throw refused(
        `${texts} texts in one call, and no more than ${this.#capacity} may wait: split the call`,
      )
    }
    if (this.#waiting.length + texts > this.#capacity) {
      throw overloaded(
        `${this.#waiting.length} texts wait for the text model and no more than ${this.#capacity} may: try again later`,
      )
    }
  }
}

function deliver({ call, position }: WaitingText, vector: Float32Array | undefined): void {
  if (vector === undefined) throw new Error('a batch came back with too few vectors')
  call.vectors[position] = vector
  call.missing -= 1
  if (call.missing === 0) call.resolve(call.vectors)
}
