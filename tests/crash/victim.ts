import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { FromChild, Orders } from './crash-orders.ts'

const CHILD = fileURLToPath(new URL('./crash-child.ts', import.meta.url))
const STARTS_WITHIN_MS = 300_000
const STOPS_WITHIN_MS = 300_000
const READY_POLL_MS = 10

/** How a child ended: killed by a signal, or by itself with a code. */
export interface Ending {
  readonly signal: NodeJS.Signals | null
  readonly code: number | null
}

/** A child process that runs Freshet, as its parent sees it. */
export class Victim implements Disposable {
  /** Milliseconds from its start until it had processed what it found in the log, once it has. */
  takeoverMs: number | undefined
  readonly startedAt = performance.now()
  readonly ended: Promise<Ending>
  readonly #process: ChildProcess
  readonly #address = Promise.withResolvers<string>()
  #stderr = ''

  constructor(orders: Orders) {
    this.#process = fork(CHILD, [JSON.stringify(orders)], {
      stdio: ['ignore', 'inherit', 'pipe', 'ipc'],
      // Each running SQL statement holds a thread of this pool.
      env: { ...process.env, UV_THREADPOOL_SIZE: '16' },
    })
    this.#process.stderr?.on('data', (text) => {
      this.#stderr = `${this.#stderr}${String(text)}`.slice(-20_000)
    })
    this.#process.on('message', (message: FromChild) => {
      if ('url' in message) this.#address.resolve(message.url)
      else this.takeoverMs = performance.now() - this.startedAt
    })
    this.ended = once(this.#process, 'close').then(([code, signal]) => ({ code, signal }))
  }

  get pid(): number {
    return this.#process.pid ?? -1
  }

  /** The end of its standard error. */
  get stderr(): string {
    return this.#stderr
  }

  /** The address once it is ready; undefined when it died before. @throws Error when it is neither in time */
  async ready(): Promise<string | undefined> {
    const died = this.ended.then(() => undefined)
    const late = AbortSignal.timeout(STARTS_WITHIN_MS)
    const url = await orLate(Promise.race([this.#address.promise, died]), late, 'start')
    while (url !== undefined && !late.aborted) {
      const answer = await fetch(`${url}/readyz`).catch(() => undefined)
      if (answer?.status === 200) return url
      if ((await Promise.race([died, delay(READY_POLL_MS)])) === undefined) return undefined
    }
    if (url === undefined) return undefined
    throw new Error(`the child was not ready within ${STARTS_WITHIN_MS} ms:\n${this.#stderr}`)
  }

  kill(): void {
    this.#process.kill('SIGKILL')
  }

  [Symbol.dispose](): void {
    this.kill()
  }

  /** Asks it to drain and stop. @throws Error when it does not within 5 min */
  async stop(): Promise<Ending> {
    this.#process.kill('SIGTERM')
    return orLate(this.ended, AbortSignal.timeout(STOPS_WITHIN_MS), 'stop')
  }
}

function delay(ms: number): Promise<true> {
  return new Promise((resolve) => setTimeout(resolve, ms, true))
}

async function orLate<T>(work: Promise<T>, late: AbortSignal, what: string): Promise<T> {
  const isLate = once(late, 'abort').then(() => {
    throw new Error(`the child did not ${what} in time`)
  })
  return Promise.race([work, isLate])
}
