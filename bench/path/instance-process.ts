import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { askRows } from '#app/ask-sql.ts'
import { FreshetProcess } from '#dev/processes/freshet-process.ts'

/** `freshet start` on an empty folder. Disposing stops it and removes the folder. */
export class InstanceProcess implements AsyncDisposable {
  readonly #process: FreshetProcess
  readonly #folder: string

  private constructor(process: FreshetProcess, folder: string) {
    this.#process = process
    this.#folder = folder
  }

  /** Resolves when it prints that it is ready. */
  static async start(...options: readonly string[]): Promise<InstanceProcess> {
    const folder = await mkdtemp(join(tmpdir(), 'bench-instance-'))
    const args = ['start', '--port', '0', '--data', folder, ...options]
    return new InstanceProcess(await FreshetProcess.start({ args, environment: {} }), folder)
  }

  get url(): string {
    return this.#process.url
  }

  usage(): ReturnType<FreshetProcess['usage']> {
    return this.#process.usage()
  }

  sql<T>(query: string): Promise<T[]> {
    return askRows(this.url, query)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#process[Symbol.asyncDispose]()
    await rm(this.#folder, { recursive: true, force: true })
  }
}
