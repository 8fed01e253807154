import express, { type Request, type Response } from 'express'
import { checkApiKey } from './check-api-key.ts'
import { inTurns } from './in-turns.ts'
import * as bodies from './qdrant-bodies.ts'
import { notInStandIn } from './qdrant-refusal.ts'
import { refuse } from './refuse.ts'
import type { StandInCollections } from './stand-in-collections.ts'
import type { StandInPoints } from './stand-in-points.ts'

/** Of the Qdrant whose interface this is. */
const VERSION = '1.19.0'
const BODY_BYTES_MAX = 32 * 1024 * 1024
const TITLE = "Freshet's embedded vectors, standing in for Qdrant"

/** May be async. */
type Handler = (name: string, request: Request) => unknown

/** The routes, in the order of Qdrant's documentation. Writes take turns. */
export function qdrantApp(
  collections: StandInCollections,
  points: StandInPoints,
  apiKey: string | undefined,
): express.Express {
  const app = express()
  app.disable('x-powered-by').disable('etag')
  app.use((_, response, next) => {
    response.set('x-freshet-stand-in', 'embedded vectors')
    next()
  })
  app.get('/', (_, response) => void response.json({ title: TITLE, version: VERSION }))
  for (const path of ['/healthz', '/livez', '/readyz']) {
    app.get(path, (_, response) => void response.type('text').send(`${TITLE}: all is well`))
  }
  if (apiKey !== undefined) app.use(checkApiKey(apiKey))
  app.use(express.json({ limit: BODY_BYTES_MAX }))
  const one = inTurns()
  const reads = (handler: Handler) => answering(handler)
  const writes = (handler: Handler) => answering((...call) => one(() => handler(...call)))
  const updates = (handler: Handler) => {
    let operation_id = 0
    return writes(async (name, request) => {
      await handler(name, request)
      operation_id += 1
      const status = request.query['wait'] === 'true' ? 'completed' : 'acknowledged'
      return { operation_id, status }
    })
  }

  app
    .route('/collections')
    .get(reads(() => ({ collections: collections.names.map((name) => ({ name })) })))
  app.route('/aliases').get(reads(() => ({ aliases: collections.aliases })))
  app
    .route('/collections/aliases')
    .post(
      writes((_, { body }) => collections.changeAliases(bodies.changeAliases.parse(body).actions)),
    )
  app
    .route('/collections/:name')
    .get(reads((name) => collections.info(name)))
    .put(writes((name, { body }) => collections.create(name, bodies.createCollection.parse(body))))
    .delete(writes((name) => collections.delete(name)))
  app.route('/collections/:name/index').put(
    updates((name, { body }) => {
      const { field_name, field_schema } = bodies.createFieldIndex.parse(body)
      return collections.addIndex(name, field_name, field_schema)
    }),
  )
  app
    .route('/collections/:name/points')
    .put(updates((name, { body }) => points.upsert(name, bodies.upsertPoints.parse(body))))
    .post(reads((name, { body }) => points.retrieve(name, bodies.getPoints.parse(body))))
  app
    .route('/collections/:name/points/delete')
    .post(updates((name, { body }) => points.delete(name, bodies.deletePoints.parse(body))))
  app
    .route('/collections/:name/points/count')
    .post(reads((name, { body }) => points.count(name, bodies.countPoints.parse(body))))
  app
    .route('/collections/:name/points/query/batch')
    .post(reads((name, { body }) => points.queryBatch(name, bodies.queryBatch.parse(body))))
  app.use(
    answering((_, { method, path }) => {
      throw notInStandIn(`${method} ${path}`)
    }),
  )
  app.use(refuse)
  return app
}

function answering(handler: Handler) {
  return async (request: Request, response: Response): Promise<void> => {
    const started = performance.now()
    const result = await handler(String(request.params['name'] ?? ''), request)
    response.json({ result, status: 'ok', time: secondsSince(started) })
  }
}

function secondsSince(started: number): number {
  return (performance.now() - started) / 1000
}
