import { bulkhead } from 'cockatiel'
import express, { type Request, type Response } from 'express'
import { checkApiKey } from './check-api-key.ts'
import { notInStandIn } from './qdrant-refusal.ts'
import type { Route } from './qdrant-routes.ts'
import { refuse } from './refuse.ts'

/** The version of Qdrant whose API this is. */
const VERSION = '1.19.0'
const BODY_BYTES_MAX = 32 * 1024 * 1024
const TITLE = "Freshet's embedded vectors, standing in for Qdrant"

/** Serves the routes like Qdrant: API key, response envelope, errors. */
export function qdrantApp(routes: readonly Route[], apiKey: string | undefined): express.Express {
  const app = express()
  app.disable('x-powered-by').disable('etag')
  app.use((_, response, next) => {
    response.set('x-freshet-stand-in', 'embedded vectors')
    next()
  })
  app.get('/', (_, response) => void response.json({ title: TITLE, version: VERSION }))
  for (const path of ['/healthz', '/livez', '/readyz']) {
    app.get(path, (_, response) => void response.type('text').send(`${TITLE}`))
  }
  if (apiKey !== undefined) app.use(checkApiKey(apiKey))
  app.use(express.json({ limit: BODY_BYTES_MAX }))
  const answers = answering()
  for (const route of routes) app[route.method](route.path, answers(route))
  app.use(({ method, path }) => {
    throw notInStandIn(`${method} ${path}`)
  })
  app.use(refuse)
  return app
}

function answering() {
  const writes = bulkhead(1, Number.POSITIVE_INFINITY)
  let updates = 0
  return ({ kind, result }: Route) =>
    async ({ params, query, body }: Request, response: Response): Promise<void> => {
      const started = performance.now()
      const name = String(params['name'] ?? '')
      const done = await (kind === 'read'
        ? result(name, body)
        : writes.execute(() => result(name, body)))
      updates += kind === 'update' ? 1 : 0
      const status = query['wait'] === 'true' ? 'completed' : 'acknowledged'
      response.json({
        result: kind === 'update' ? { operation_id: updates, status } : done,
        status: 'ok',
        time: (performance.now() - started) / 1000,
      })
    }
}
