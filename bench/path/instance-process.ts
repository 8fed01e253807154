import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { askRows } from '#app/ask-sql.ts'
import { usageOf } from '#dev/processes/freshet-process.ts'

const MAIN = fileURLToPath(new URL('#app/main.ts', import.meta.url))

/** A Freshet of its own, started as its users start it, on an empty folder. Disposing stops it and removes the folder. */
export class InstanceProcess implements AsyncDisposable {
  readonly url: string
  readonly #child: ChildProcess
  readonly #folder: string

  private constructor(url: string, child: ChildProcess, folder: string) {
    this.url = url
    this.#child = child
    this.#folder = folder
  }

  /** Resolves when it says that it is ready. */
  static async start(...options: readonly string[]): Promise<InstanceProcess> {
    const folder = await mkdtemp(join(tmpdir(), 'bench-instance-'))
    const child = spawn(
      process.execPath,
      [MAIN, 'start', '--port', '0', '--data', folder, ...options],
      {
        stdio: ['ignore', 'pipe', 'ignore'],
      },
    )
    for await (const line of createInterface({ input: child.stdout })) {
      const url = line.match(/http:\S+/)?.[0]
      if (url !== undefined) return new InstanceProcess(url, child, folder)
    }
    throw new Error('freshet start ended before it was ready')
  }

  /** CPU seconds so far (user and system, all threads), and resident memory in bytes. Linux only. */
  usage(): ReturnType<typeof usageOf> {
    return usageOf(this.#child.pid ?? -1)
  }

  sql<T>(query: string): Promise<T[]> {
    return askRows(this.url, query)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.kill('SIGTERM')
    await once(this.#child, 'exit')
    await rm(this.#folder, { recursive: true, force: true })
  }
}
