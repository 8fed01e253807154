import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { ConfigError } from '#app/config.ts'
import { Drain } from './drain.ts'

export interface HttpServer extends AsyncDisposable {
  /** `http://host:port`, with the port that was bound. */
  readonly url: string
  /** From now on each answer is the last of its connection. */
  announceStop(): void
}

interface HttpServerOptions {
  readonly host: string
  readonly port: number
  /** What answers. */
  readonly app: RequestListener
}

/** Listens. Disposing stops that and waits for answers under way. @throws ConfigError */
export async function startHttpServer({ host, port, app }: HttpServerOptions): Promise<HttpServer> {
  const server = createServer(app)
  const drain = new Drain(server)
  await listen(server, host, port)
  const address = server.address() as AddressInfo
  const hostInUrl = address.family === 'IPv6' ? `[${address.address}]` : address.address
  return {
    url: `http://${hostInUrl}:${address.port}`,
    announceStop: () => drain.announce(),
    [Symbol.asyncDispose]: () => drain.end(),
  }
}

function listen(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) =>
      reject(new ConfigError(whyNot(error, host, port))),
    )
    server.listen(port, host, resolve)
  })
}

function whyNot(error: NodeJS.ErrnoException, host: string, port: number): string {
  switch (error.code) {
    case 'EADDRINUSE':
      return `port ${port} on ${host} is taken by another process; stop it, or choose another with --port (0 picks a free one)`
    case 'EACCES':
      return `port ${port} needs rights that this user does not have; choose one above 1023 with --port`
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
      return `${host} is not an address of this machine; choose another with --host`
    default:
      return `cannot listen on ${host}:${port}: ${error.message}`
  }
}
