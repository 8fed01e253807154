import { setTimeout as sleep } from 'node:timers/promises'
import { FreshetProcess, type FreshetProcessOptions } from './freshet-process.ts'

const RESTART_MS = 1_000

interface SupervisedOptions extends FreshetProcessOptions {
  /** Called with its URL at each start, and when it has ended unexpectedly. */
  readonly onChange: (what: string) => void
}

/** A Freshet process that is restarted when it ends unexpectedly. Disposing drains it. */
export class SupervisedProcess implements AsyncDisposable {
  readonly #options: SupervisedOptions
  readonly #supervising: Promise<void>
  #current: FreshetProcess
  #isStopping = false

  private constructor(first: FreshetProcess, options: SupervisedOptions) {
    this.#options = options
    this.#current = first
    this.#supervising = this.#supervise()
  }

  /** @throws Error with its standard error when the first start fails */
  static async start(options: SupervisedOptions): Promise<SupervisedProcess> {
    const first = await FreshetProcess.start(options)
    options.onChange(first.url)
    return new SupervisedProcess(first, options)
  }

  get url(): string {
    return this.#current.url
  }

  /** Lets it drain and end, without a restart. */
  stop(): void {
    this.#isStopping = true
    this.#current.stop()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.stop()
    await this.#current[Symbol.asyncDispose]()
    await this.#supervising
  }

  async #supervise(): Promise<void> {
    const { onChange } = this.#options
    for (;;) {
      await this.#current.ended()
      if (this.#isStopping) return
      onChange('ended unexpectedly; restarting')
      await sleep(RESTART_MS)
      try {
        this.#current = await FreshetProcess.start(this.#options)
        onChange(this.#current.url)
      } catch (error) {
        onChange(String(error))
      }
      if (this.#isStopping) this.#current.stop()
    }
  }
}
