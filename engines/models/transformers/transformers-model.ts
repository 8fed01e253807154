import { resolve } from 'node:path'
import { closed, type EngineError } from '#engines/errors.ts'
import type { TextModel } from '#engines/models/port.ts'
import { EmbedQueue } from '#engines/models/transformers/embed-queue.ts'
import { findModel, type Precision } from '#engines/models/transformers/model-folder.ts'
import { ModelThread } from '#engines/models/transformers/model-thread.ts'

export interface TransformersModelOptions {
  /** The folder that holds models, one folder each: `models`. */
  readonly folder: string
  /** The model's own folder in there: `static-minilm-128`. */
  readonly model: string
  readonly precision?: Precision
  /** Version of the caller's text template, the last part of the space. */
  readonly template?: number
  /** How many texts may wait before a call is turned away; default 8,192. */
  readonly queueMax?: number
  /** How long one batch of at most 128 texts, or loading the model, may take; default 30 s. */
  readonly timeoutMs?: number
}

/**
 * Opens a sentence embedding model with @huggingface/transformers, from local files only, on a thread of its own. Mean pooling, unit
 * length, 128 tokens. A thread that ends or hangs fails its batch with a retriable error; the next batch starts another.
 * @throws EngineError ENGINE_UNAVAILABLE when a file is missing, ENGINE_CORRUPT when the model cannot be loaded
 */
export async function openTransformersModel(options: TransformersModelOptions): Promise<TextModel> {
  const { model, precision = 'fp32', template = 1, queueMax = 8192, timeoutMs = 30_000 } = options
  const { slug, revision } = await findModel(options.folder, model, precision)
  const setup = { folder: resolve(options.folder), model, precision }
  const thread = await ModelThread.start(setup, timeoutMs)
  return new TransformersModel({
    space: `${slug}.${revision}.${precision}.d${thread.dimensions}.t${template}`,
    thread,
    restart: () => ModelThread.start(setup, timeoutMs),
    queueMax,
  })
}

interface Parts {
  readonly space: string
  readonly thread: ModelThread
  /** Starts the next thread when one has ended. */
  readonly restart: () => Promise<ModelThread>
  readonly queueMax: number
}

/** A queue in front of one thread at a time. */
export class TransformersModel implements TextModel {
  readonly space: string
  readonly dimensions: number
  readonly #restart: () => Promise<ModelThread>
  readonly #queue: EmbedQueue
  #thread: ModelThread
  #closed = false

  constructor({ space, thread, restart, queueMax }: Parts) {
    this.space = space
    this.dimensions = thread.dimensions
    this.#thread = thread
    this.#restart = restart
    this.#queue = new EmbedQueue((texts) => this.#embedBatch(texts), queueMax)
  }

  async embed(texts: readonly string[], signal?: AbortSignal): Promise<readonly Float32Array[]> {
    this.#checkOpen()
    return this.#queue.enqueue(texts, signal)
  }

  /** Ends the thread at once; calls that wait are rejected with ENGINE_CLOSED. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true
    await this.#thread[Symbol.asyncDispose]()
  }

  async #embedBatch(texts: readonly string[]): Promise<readonly Float32Array[]> {
    try {
      if (this.#thread.ended) this.#thread = await this.#restart()
      this.#checkOpen()
      const rows = await this.#thread.embed(texts)
      return texts.map((_, row) => rows.slice(row * this.dimensions, (row + 1) * this.dimensions))
    } catch (error) {
      if (!this.#closed) throw error
      await this.#thread[Symbol.asyncDispose]()
      throw closedError()
    }
  }

  #checkOpen(): void {
    if (this.#closed) throw closedError()
  }
}

function closedError(): EngineError {
  return closed('the text model is closed')
}
