import type { Logger } from 'pino'
import type { TextModel } from '#engines/models/port.ts'
import type { Tables } from '#engines/tables/port.ts'
import type { Vectors } from '#engines/vectors/port.ts'
import { type Retry, retryForever } from '#pipeline/retry.ts'
import { type CatalogueItem, countCatalogue } from './catalogue-pages.ts'
import { type Filled, Filling } from './filling.ts'
import { type Verification, verify } from './verify.ts'

/** Passes over the catalogue in a row, while processors go on changing it. */
const PASSES_MAX = 10
/** How often a collection that does not agree is brought up to date and verified again: products may have changed. */
const VERIFICATIONS_MAX = 3
const SAMPLE = 50
const SEED = 1

export type Phase = 'fill' | 'catch up' | 'verify'

export interface RefreshOptions {
  readonly engines: {
    readonly tables: Tables
    readonly vectors: Vectors
    readonly model: TextModel
  }
  readonly logger: Logger
  /** How many products are verified one by one, and which; default 50. */
  readonly sample?: number
  readonly seed?: number
  /** Called with how many rows of the catalogue are done, of how many. */
  readonly onProgress?: (phase: Phase, done: number, total: number) => void
  readonly signal?: AbortSignal
}

/** What bringing it up to date took. */
export interface Refreshed extends Filled {
  readonly passes: number
  /** Products that the last pass still had to bring up to date: 0, unless they change and no processor writes them here. */
  readonly behind: number
}

/** Makes one collection agree with the catalogue. Waits for engines that fail. */
export class Refresh {
  readonly #options: RefreshOptions
  readonly #collection: string
  readonly #filling: Filling
  readonly #retry: Retry
  #passes = 0
  #behind = 0

  constructor(collection: string, options: RefreshOptions) {
    const { engines, logger, signal } = options
    this.#options = options
    this.#collection = collection
    this.#filling = new Filling({ ...engines, collection, ...(signal && { signal }) })
    this.#retry = retryForever('tables, vectors or text model', logger)
  }

  get done(): Refreshed {
    return { ...this.#filling.filled, passes: this.#passes, behind: this.#behind }
  }

  /** Passes over the catalogue until one finds nothing to do. */
  async untilUpToDate(phase: Phase): Promise<void> {
    for (let pass = 1; pass <= PASSES_MAX; pass++) {
      const onRows = await this.#progressOf(pass === 1 ? phase : 'catch up')
      this.#behind = await this.persist(() => this.#filling.pass(onRows))
      this.#passes += 1
      if (this.#behind === 0) return
    }
  }

  /** Verifies the collection; one that fails is brought up to date and verified again. */
  async verified(): Promise<Verification> {
    const { engines, sample = SAMPLE, seed = SEED, signal } = this.#options
    for (let attempt = 1; ; attempt++) {
      const onRows = await this.#progressOf('verify')
      const isDue = (row: CatalogueItem) => this.#filling.hasApplied(row)
      const options = { ...engines, collection: this.#collection, sample, seed, isDue, onRows }
      const verification = await this.persist(() =>
        verify({ ...options, ...(signal && { signal }) }),
      )
      if (verification.failures.length === 0 || attempt === VERIFICATIONS_MAX) return verification
      await this.untilUpToDate('catch up')
    }
  }

  async #progressOf(phase: Phase): Promise<(rows: number) => void> {
    const { engines, onProgress = () => undefined } = this.#options
    const { rows: total } = await this.persist(() => countCatalogue(engines.tables))
    let done = 0
    onProgress(phase, done, total)
    return (rows) => {
      done += rows
      onProgress(phase, done, total)
    }
  }

  /** Repeats the work as a whole until it succeeds: parts that were done before are recognised. */
  persist<T>(work: () => Promise<T>): Promise<T> {
    return this.#retry(work, this.#options.signal)
  }
}
