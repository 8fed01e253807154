import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { type AddressInfo, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { needs } from '../with-server.ts'

/** Registers tests that need these programs; without them skips, or fails with `REQUIRE_REDIS=1`. */
export function withPrograms(programs: readonly string[], register: () => void): void {
  const missing = programs.filter((program) => spawnSync(program, ['--version']).error)
  if (missing.length === 0) register()
  else needs('redis', `${missing.join(' and ')} on this machine`)
}

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  return port
}

/** A server of one's own, in a temporary folder, that can be killed, frozen and started again. */
export class RedisServer implements AsyncDisposable {
  readonly port: number
  readonly folder: string
  readonly #args: readonly string[]
  #process: ChildProcess | undefined

  private constructor(port: number, folder: string, args: readonly string[]) {
    this.port = port
    this.folder = folder
    this.#args = args
  }

  static async start(...args: readonly string[]): Promise<RedisServer> {
    const server = await RedisServer.prepare(...args)
    await server.start()
    return server
  }

  /** One that is not running yet. */
  static async prepare(...args: readonly string[]): Promise<RedisServer> {
    const folder = await mkdtemp(join(tmpdir(), 'freshet-redis-'))
    return new RedisServer(await freePort(), folder, args)
  }

  get address(): string {
    return `127.0.0.1:${this.port}`
  }

  async start(): Promise<void> {
    const fixed = ['--port', `${this.port}`, '--bind', '127.0.0.1', '--save', '']
    const args = [...fixed, '--dir', this.folder, ...this.#args]
    const started = spawn('redis-server', args, { stdio: ['ignore', 'pipe', 'inherit'] })
    this.#process = started
    for await (const chunk of started.stdout) if (`${chunk}`.includes('Ready to accept')) return
    throw new Error(`redis-server ${args.join(' ')} ended instead of starting`)
  }

  /** At once, as in a crash. */
  async kill(): Promise<void> {
    if (this.#process === undefined) return
    const ended = once(this.#process, 'exit')
    this.#process.kill('SIGKILL')
    await ended
    this.#process = undefined
  }

  /** It takes connections and answers nothing. */
  freeze(): void {
    this.#process?.kill('SIGSTOP')
  }

  thaw(): void {
    this.#process?.kill('SIGCONT')
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill()
    await rm(this.folder, { recursive: true })
  }
}
