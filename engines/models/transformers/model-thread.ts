import { Worker } from 'node:worker_threads'
import { corrupt, type EngineError, timedOut, unavailable } from '#engines/errors.ts'
import type {
  EmbedCommand,
  WorkerReply,
  WorkerSetup,
} from '#engines/models/transformers/worker-messages.ts'

const WORKER = new URL('./text-model-worker.ts', import.meta.url)

/** A worker thread with a model in it. Once it has ended it cannot be restarted: start another. */
export class ModelThread implements AsyncDisposable {
  readonly #worker: Worker
  readonly #model: string
  readonly #timeoutMs: number
  #answer: PromiseWithResolvers<WorkerReply> | undefined
  #end: EngineError | undefined
  #dimensions = 0

  private constructor(setup: WorkerSetup, timeoutMs: number) {
    this.#model = setup.model
    this.#timeoutMs = timeoutMs
    this.#worker = new Worker(WORKER, { workerData: setup })
    this.#worker.on('message', (reply: WorkerReply) => this.#answer?.resolve(reply))
    this.#worker.on('error', (error) => this.#endWith(String(error)))
    this.#worker.on('exit', (code) => this.#endWith(`exit code ${code}`))
  }

  /**
   * Starts a thread and resolves when the model is loaded. Loading and every batch may take `timeoutMs`.
   * @throws EngineError ENGINE_CORRUPT, ENGINE_TIMEOUT, ENGINE_UNAVAILABLE
   */
  static async start(setup: WorkerSetup, timeoutMs: number): Promise<ModelThread> {
    const thread = new ModelThread(setup, timeoutMs)
    try {
      const reply = await thread.#nextReply()
      if (reply.kind !== 'ready') {
        throw corrupt(
          `text model ${setup.model} in ${setup.folder} cannot be loaded (${wordsOf(reply)}): fetch its files again as models/README.md describes`,
        )
      }
      thread.#dimensions = reply.dimensions
      return thread
    } catch (error) {
      await thread[Symbol.asyncDispose]()
      throw error
    }
  }

  get dimensions(): number {
    return this.#dimensions
  }

  get ended(): boolean {
    return this.#end !== undefined
  }

  /**
   * The vectors of the texts, one after another. One call at a time.
   * @throws EngineError ENGINE_TIMEOUT and ENGINE_UNAVAILABLE: check whether the thread has ended, then retry
   */
  async embed(texts: readonly string[]): Promise<Float32Array> {
    const command: EmbedCommand = { texts }
    const answer = this.#nextReply()
    this.#worker.postMessage(command)
    const reply = await answer
    if (reply.kind === 'vectors') return reply.vectors
    throw this.#unavailable(`failed (${wordsOf(reply)})`)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#worker.terminate()
  }

  async #nextReply(): Promise<WorkerReply> {
    if (this.#end) throw this.#end
    this.#answer = Promise.withResolvers<WorkerReply>()
    const timer = setTimeout(() => this.#giveUp(), this.#timeoutMs)
    try {
      return await this.#answer.promise
    } finally {
      clearTimeout(timer)
      this.#answer = undefined
    }
  }

  #giveUp(): void {
    this.#end = timedOut(
      `text model ${this.#model} gave no answer within ${this.#timeoutMs} ms and was stopped: try again, with fewer or shorter texts if it happens often`,
    )
    this.#answer?.reject(this.#end)
    void this.#worker.terminate()
  }

  #endWith(words: string): void {
    this.#end ??= this.#unavailable(`has stopped (${words})`)
    this.#answer?.reject(this.#end)
  }

  #unavailable(words: string): EngineError {
    return unavailable(`text model ${this.#model} ${words}: try again`)
  }
}

function wordsOf(reply: WorkerReply): string {
  return reply.kind === 'failed' ? reply.message : `it said ${reply.kind}`
}
