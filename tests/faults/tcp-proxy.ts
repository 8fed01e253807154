import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'
import { runLink } from './tcp-link.ts'
import type { Direction, Toxic } from './toxics.ts'

export interface TcpProxyOptions {
  /** The port that is proxied, on this machine. */
  readonly target: number
  /** Between 0 and 1; seed it to repeat a run. */
  readonly random?: () => number
}

/** Starts a proxy on 127.0.0.1, with nothing wrong. */
export async function startTcpProxy(options: TcpProxyOptions): Promise<TcpProxy> {
  const proxy = new TcpProxy(options)
  await proxy.up()
  return proxy
}

/** A TCP proxy whose faults are changed while it runs; they act on connections that are open, too. */
export class TcpProxy implements AsyncDisposable {
  readonly #options: TcpProxyOptions
  readonly #toxics: Record<Direction, readonly Toxic[]> = { upstream: [], downstream: [] }
  readonly #sockets = new Set<Socket>()
  #server: Server | undefined
  #port = 0
  /** Connections taken so far. */
  accepted = 0

  constructor(options: TcpProxyOptions) {
    this.#options = options
  }

  get port(): number {
    return this.#port
  }

  /** What is wrong with a direction from now on, instead of what was; upstream is from the client to the server. */
  set(direction: Direction, ...toxics: readonly Toxic[]): void {
    this.#toxics[direction] = toxics
  }

  /** Nothing is wrong any more; connections that are broken stay broken. */
  async heal(): Promise<void> {
    this.set('upstream')
    this.set('downstream')
    await this.up()
  }

  /** Resets all connections and refuses new ones. */
  async down(): Promise<void> {
    const server = this.#server
    this.#server = undefined
    for (const socket of this.#sockets) socket.resetAndDestroy()
    if (server) await new Promise((resolve) => server.close(resolve))
  }

  /** Takes connections (again), on the same port. */
  async up(): Promise<void> {
    if (this.#server) return
    this.#server = createServer({ allowHalfOpen: true }, (client) => this.#take(client))
    this.#server.listen(this.#port, '127.0.0.1')
    await once(this.#server, 'listening')
    this.#port = (this.#server.address() as AddressInfo).port
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.down()
  }

  #take(client: Socket): void {
    this.accepted += 1
    const { target, random = Math.random } = this.#options
    const server = connect({ host: '127.0.0.1', port: target, allowHalfOpen: true })
    for (const [socket, other] of [
      [client, server],
      [server, client],
    ] as const) {
      this.#sockets.add(socket)
      socket.setNoDelay(true)
      socket.on('error', () => other.resetAndDestroy())
      socket.on('close', () => this.#sockets.delete(socket))
    }
    const link = (direction: Direction, from: Socket, to: Socket) =>
      runLink({ from, to, random, toxics: () => this.#toxics[direction] })
    void link('upstream', client, server)
    void link('downstream', server, client)
  }
}
