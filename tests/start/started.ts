import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { MAIN } from '#dev/processes/freshet-process.ts'
import { Ledger } from '#schemas/http/ledger.ts'

const WITHIN_MS = 150_000

/** The result of a command. */
export interface Outcome {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  readonly stdout: string
  readonly stderr: string
}

/** `freshet …` in a process of its own, as a person starts it. Disposing kills it if it still runs. */
export class Started implements Disposable {
  readonly ended: Promise<Outcome>
  readonly #process: ChildProcess
  #stdout = ''
  #stderr = ''

  constructor(args: readonly string[], environment: Readonly<Record<string, string>> = {}) {
    this.#process = spawn(process.execPath, [MAIN, ...args], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { PATH: process.env['PATH'], ...environment },
    })
    this.#process.stdout?.on('data', (text) => (this.#stdout += String(text)))
    this.#process.stderr?.on('data', (text) => (this.#stderr += String(text)))
    this.ended = once(this.#process, 'close').then(([code, signal]) => {
      return { code, signal, stdout: this.#stdout, stderr: this.#stderr }
    })
  }

  /** What it has said so far, on standard output and on standard error. */
  get said(): string {
    return this.#stdout + this.#stderr
  }

  /** The first group of the pattern, once it has said it. @throws Error when it ends or 150 s pass before */
  async says(pattern: RegExp): Promise<string> {
    const end = performance.now() + WITHIN_MS
    while (performance.now() < end && this.#process.exitCode === null) {
      const found = pattern.exec(this.said)?.[1]
      if (found !== undefined) return found
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
    throw new Error(`it never said ${pattern}:\n${this.said}`)
  }

  /** The address that it prints when it is ready. */
  ready(): Promise<string> {
    return this.says(/^Freshet is ready at (http:\S+)$/m)
  }

  send(signal: NodeJS.Signals): void {
    this.#process.kill(signal)
  }

  [Symbol.dispose](): void {
    this.#process.kill('SIGKILL')
  }
}

/** Runs a command to its end. */
export async function run(
  args: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): Promise<Outcome> {
  using started = new Started(args, environment)
  return await started.ended
}

export async function ledgerOf(url: string): Promise<Ledger> {
  return Ledger.parse(await (await fetch(`${url}/v1/ledger`)).json())
}
