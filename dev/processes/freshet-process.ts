import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { type RunNodeOptions, runNode } from './run-node.ts'

/** The command line of Freshet. */
export const MAIN = fileURLToPath(import.meta.resolve('#app/main.ts'))
const STDERR_CHARS_KEPT = 10_000
const DRAIN_MS = 25_000

/** Runs one command to its end, with its output on ours. @throws Error when it fails */
export async function runFreshet({
  args,
  ...options
}: RunNodeOptions & { readonly args: readonly string[] }): Promise<void> {
  const code = await runNode([MAIN, ...args], options)
  if (code !== 0 && !options.signal?.aborted)
    throw new Error(`freshet ${args[0]} failed, see above`)
}

export interface FreshetProcessOptions {
  /** `['serve', '--port', '0']` */
  readonly args: readonly string[]
  readonly environment: Readonly<Record<string, string>>
  /** Receives standard error. */
  readonly onStderr?: (text: string) => void
}

/** A running `freshet …` command. Disposing drains it, and kills it if it has not ended after 25 s. */
export class FreshetProcess implements AsyncDisposable {
  readonly #child: ChildProcess
  readonly #ended: Promise<unknown>
  #url = ''
  #stderr = ''
  #isStopping = false

  private constructor(child: ChildProcess) {
    this.#child = child
    this.#ended = once(child, 'exit')
  }

  /** Resolves when it prints that it is ready. @throws Error with its standard error when it ends before */
  static async start(options: FreshetProcessOptions): Promise<FreshetProcess> {
    const child = spawn(process.execPath, [MAIN, ...options.args], {
      env: { ...process.env, ...options.environment },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    const started = new FreshetProcess(child)
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      started.#stderr = (started.#stderr + text).slice(-STDERR_CHARS_KEPT)
      options.onStderr?.(text)
    })
    for await (const line of createInterface({ input: child.stdout })) {
      started.#url = / ready at (http:\S+)/.exec(line)?.[1] ?? ''
      if (started.#url === '') continue
      child.stdout.resume()
      return started
    }
    await started.#ended
    throw new Error(`freshet ${options.args.join(' ')} ended: ${started.stderr}`)
  }

  get url(): string {
    return this.#url
  }

  get pid(): number {
    return this.#child.pid ?? -1
  }

  /** The last 10,000 characters of standard error. */
  get stderr(): string {
    return this.#stderr
  }

  get hasEnded(): boolean {
    return this.#child.exitCode !== null || this.#child.signalCode !== null
  }

  /** Resolves when it has ended, for whatever reason. */
  async ended(): Promise<void> {
    await this.#ended
  }

  send(signal: NodeJS.Signals): void {
    this.#child.kill(signal)
  }

  /** CPU seconds so far (user and system, all threads), and resident memory in bytes. Linux only. */
  usage(): Promise<{ readonly cpuSeconds: number; readonly rss: number }> {
    return usageOf(this.pid)
  }

  /** Sends SIGTERM once: a second one would skip the drain. */
  stop(): void {
    if (this.#isStopping) return
    this.#isStopping = true
    this.send('SIGTERM')
    // A process stopped by SIGSTOP handles signals only after SIGCONT.
    this.send('SIGCONT')
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.hasEnded) return
    this.stop()
    const late = setTimeout(() => this.send('SIGKILL'), DRAIN_MS)
    await this.#ended
    clearTimeout(late)
  }
}

/** CPU seconds and resident bytes of a process. Linux only. */
export async function usageOf(pid: number): Promise<{ cpuSeconds: number; rss: number }> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8')
  const status = await readFile(`/proc/${pid}/status`, 'utf8')
  // Fields 14 and 15, counted after the name in parentheses; in ticks of 10 ms.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  const rss = Number(status.match(/VmRSS:\s+(\d+)/)?.[1]) * 1_024
  return { cpuSeconds: (Number(fields[11]) + Number(fields[12])) / 100, rss }
}
