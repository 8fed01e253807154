import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { fileURLToPath } from 'node:url'
import express, { type RequestHandler } from 'express'
import helmet from 'helmet'
import type { Logger } from 'pino'
import { ConfigError } from '#app/config.ts'
import { Drain } from './drain.ts'
import { nothingHere, problemHandler } from './problem-handler.ts'

const DOCS = fileURLToPath(new URL('../../docs', import.meta.url))

/** Everything the page needs is served from here: it works with the network unplugged. */
const contentSecurityPolicy = {
  useDefaults: false,
  directives: {
    defaultSrc: ["'self'"],
    styleSrc: ["'self'"],
    imgSrc: ["'self'", 'data:'],
    objectSrc: ["'none'"],
    baseUri: ["'none'"],
    formAction: ["'none'"],
    frameAncestors: ["'none'"],
  },
}

export type { RequestHandler }

export interface HttpServer extends AsyncDisposable {
  /** `http://host:port`, with the port that was bound. */
  readonly url: string
  /** From now on each answer is the last of its connection. */
  announceStop(): void
}

interface HttpServerOptions {
  readonly host: string
  readonly port: number
  /** Proxies before this process that write `X-Forwarded-For`; 0 when clients connect to it themselves. */
  readonly trustProxy: number
  /** Asked in this order. */
  readonly routers: readonly RequestHandler[]
  readonly logger: Logger
}

/** Listens and answers with the routers. Disposing stops listening and waits for answers under way. @throws ConfigError */
export async function startHttpServer({
  host,
  port,
  trustProxy,
  routers,
  logger,
}: HttpServerOptions): Promise<HttpServer> {
  const app = express()
  app.disable('x-powered-by')
  app.set('trust proxy', trustProxy)
  app.use(helmet({ contentSecurityPolicy, strictTransportSecurity: false }))
  for (const router of routers) app.use(router)
  app.use('/docs', express.static(DOCS))
  app.use(nothingHere)
  app.use(problemHandler(logger))
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
