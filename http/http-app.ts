import express, { type Express, type RequestHandler } from 'express'
import helmet from 'helmet'
import type { Logger } from 'pino'
import { mount } from './mount.ts'
import { type ApiDescription, openApiDocument } from './open-api-document.ts'
import { OPEN_API_ROUTE } from './open-api-route.ts'
import { nothingHere, problemHandler } from './problem-handler.ts'
import { type Endpoint, endpoints as endpointsOf } from './route.ts'

/** Everything comes from here and nothing may be framed, posted or run inline: the page works with the network unplugged. */
const contentSecurityPolicy = {
  useDefaults: false,
  directives: {
    defaultSrc: ["'none'"],
    scriptSrc: ["'self'"],
    styleSrc: ["'self'"],
    imgSrc: ["'self'", 'data:'],
    connectSrc: ["'self'"],
    baseUri: ["'none'"],
    formAction: ["'none'"],
    frameAncestors: ["'none'"],
  },
}

interface HttpAppOptions {
  readonly endpoints: readonly Endpoint[]
  readonly logger: Logger
  /** Called before any route, in this order: each passes a request on, or refuses it with a problem. */
  readonly guards?: readonly RequestHandler[]
  /** Proxies before this process that write `X-Forwarded-For`; 0 when clients connect to it themselves. */
  readonly trustProxy?: number
  /** Stands before the routes that are limited: passes a request on, or refuses it with a problem. */
  readonly limit?: RequestHandler
  /** What the document says of the API as a whole. */
  readonly api?: ApiDescription
  /** Called before all else: tests watch the answers with it. */
  readonly watch?: RequestHandler
}

/** The endpoints and their document behind security headers; all else is answered with a problem. */
export function httpApp(options: HttpAppOptions): Express {
  const { endpoints, guards = [], trustProxy = 0, limit = pass, logger, api, watch } = options
  const app = express()
  app.disable('x-powered-by')
  app.set('trust proxy', trustProxy)
  app.enable('case sensitive routing')
  if (watch !== undefined) app.use(watch)
  app.use(helmet({ contentSecurityPolicy, strictTransportSecurity: false }))
  for (const guard of guards) app.use(guard)
  const document = endpointsOf([OPEN_API_ROUTE], { document: openApiDocument(endpoints, api) })
  app.use(mount([...endpoints, ...document], limit))
  app.use(limit, nothingHere)
  app.use(problemHandler(logger))
  return app
}

const pass: RequestHandler = (_request, _response, next) => next()
