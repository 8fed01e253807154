import { type ChildProcessByStdio, spawn } from 'node:child_process'
import { once } from 'node:events'
import type { Readable, Writable } from 'node:stream'
import { fileURLToPath } from 'node:url'
import { usageOf } from '#dev/processes/freshet-process.ts'
import type { Delivery } from '#pipeline/exactly-once-store.ts'

const CHILD = fileURLToPath(new URL('./processor-child.ts', import.meta.url))

interface ProcessorOptions {
  readonly data: string
  readonly delivery: Delivery
  readonly environment: Readonly<Record<string, string>>
}

/** A processor that is connected to its servers and starts with `begin`. Disposing drains it. */
export class Processor implements AsyncDisposable {
  readonly #child: ChildProcessByStdio<Writable, Readable, null>
  readonly #ended: Promise<unknown>

  private constructor(child: ChildProcessByStdio<Writable, Readable, null>) {
    this.#child = child
    this.#ended = once(child, 'exit')
  }

  static async open({ data, delivery, environment }: ProcessorOptions): Promise<Processor> {
    const child = spawn(process.execPath, [CHILD, data, delivery], {
      env: { ...process.env, ...environment },
      stdio: ['pipe', 'pipe', 'inherit'],
    })
    const processor = new Processor(child)
    await Promise.race([
      once(child.stdout, 'data'),
      processor.#ended.then(() => {
        throw new Error('the processor ended before it was connected')
      }),
    ])
    return processor
  }

  begin(): void {
    this.#child.stdin.write('begin\n')
  }

  async cpuSeconds(): Promise<number> {
    return (await this.usage()).cpuSeconds
  }

  usage(): ReturnType<typeof usageOf> {
    return usageOf(this.#child.pid ?? -1)
  }

  kill(): void {
    this.#child.kill('SIGKILL')
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.kill('SIGTERM')
    await this.#ended
  }
}
