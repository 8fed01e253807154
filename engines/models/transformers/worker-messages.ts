import type { Precision } from '#engines/models/transformers/model-folder.ts'

/** What the worker is started with. */
export interface WorkerSetup {
  /** The folder that holds the models, absolute. */
  readonly folder: string
  readonly model: string
  readonly precision: Precision
}

/** One batch; the worker answers each before it takes the next. */
export interface EmbedCommand {
  readonly texts: readonly string[]
}

/** `ready` comes once, before any answer; `vectors` holds the rows one after another, in the order of the texts. */
export type WorkerReply =
  | { readonly kind: 'ready'; readonly dimensions: number }
  | { readonly kind: 'vectors'; readonly vectors: Float32Array }
  | { readonly kind: 'failed'; readonly message: string }
