import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { fileURLToPath } from 'node:url'
import type { RequestHandler } from 'express'
import type { Logger } from 'pino'
import { ConfigError } from '#app/config.ts'
import { httpApp } from '#http/http-app.ts'
import type { Endpoint } from '#http/route.ts'

/** What a connection that is still busy gets to finish in when the server closes. */
const CLOSE_GRACE_MS = 2_000
const DOCS = fileURLToPath(new URL('../../docs', import.meta.url))

export interface HttpServer extends AsyncDisposable {
  /** `http://host:port`, with the port that was bound. */
  readonly url: string
}

interface HttpServerOptions {
  readonly host: string
  readonly port: number
  readonly endpoints: readonly Endpoint[]
  readonly limit: RequestHandler
  readonly logger: Logger
  readonly watch?: RequestHandler
}

/** Listens and answers with the endpoints. Disposing stops listening and waits for answers under way. @throws ConfigError */
export async function startHttpServer({
  host,
  port,
  ...options
}: HttpServerOptions): Promise<HttpServer> {
  const server = createServer(httpApp({ ...options, docs: DOCS }))
  await listen(server, host, port)
  const address = server.address() as AddressInfo
  const hostInUrl = address.family === 'IPv6' ? `[${address.address}]` : address.address
  return {
    url: `http://${hostInUrl}:${address.port}`,
    [Symbol.asyncDispose]: () => close(server),
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

async function close(server: Server): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()))
  server.closeIdleConnections()
  const grace = setTimeout(() => server.closeAllConnections(), CLOSE_GRACE_MS)
  await closed
  clearTimeout(grace)
}
