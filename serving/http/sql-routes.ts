import express, { type Request, type Response, Router } from 'express'
import { EngineError } from '#engines/errors.ts'
import type { Tables } from '#engines/tables/port.ts'
import { ProblemError } from '#schemas/http/problem.ts'
import { SqlRequest } from '#schemas/http/sql.ts'
import { bodyProblem } from './body-problem.ts'
import { methodNotAllowed } from './method-not-allowed.ts'
import { jsonBody, parse } from './request.ts'

const BODY_BYTES_MAX = 100_000
const DEADLINE_MS = 30_000

/**
 * Read-only SQL for analysts, as the engine prints it. There is no login: whoever reaches the port may ask. Web pages of
 * others may not: the server refuses Hosts that are not its own and writes of foreign Origins before they come here.
 */
export function sqlRoutes(tables: Tables): Router {
  const router = Router()
  router
    .route('/v1/sql')
    .post(express.json({ limit: BODY_BYTES_MAX }), async (request: Request, response: Response) => {
      const { query, format } = parse(SqlRequest, jsonBody(request))
      const text = await tables.read(query, format, { deadlineMs: DEADLINE_MS }).catch(asProblem)
      response.type('text/plain').send(text)
    })
    .all(methodNotAllowed('POST'))
  router.use('/v1/sql', bodyProblem(BODY_BYTES_MAX))
  return router
}

/** What is wrong with the query is the caller's to mend. */
function asProblem(error: unknown): never {
  if (error instanceof EngineError && !error.retriable) {
    throw new ProblemError('invalid-request', error.message, { cause: error })
  }
  throw error
}
