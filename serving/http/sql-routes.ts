import { EngineError } from '#engines/errors.ts'
import type { Tables } from '#engines/tables/port.ts'
import { text } from '#http/answers.ts'
import { jsonBody } from '#http/json-body.ts'
import { type Route, route } from '#http/route.ts'
import { ProblemError } from '#schemas/http/problem.ts'
import { SqlRequest } from '#schemas/http/sql.ts'

const BODY_BYTES_MAX = 100_000
const DEADLINE_MS = 30_000

interface SqlDeps {
  readonly tables: Tables
}

/**
 * Read-only SQL for analysts, as the engine prints it. There is no login: anybody who reaches the port may ask. Web pages
 * of others may not: the server refuses Hosts that are not its own and writes of foreign Origins before they come here.
 */
export const SQL_ROUTES: readonly Route<SqlDeps>[] = [
  route({
    method: 'post',
    path: '/v1/sql',
    operationId: 'sql',
    tag: 'operations',
    summary: 'Read-only SQL on the tables, for analysts.',
    description:
      'The views `events`, `order_lines`, `order_minutes`, `product_minutes`, `category_minutes` and `products` are stable. A statement that the engine refuses is a 400 with its message.',
    body: jsonBody(SqlRequest, {
      bytesMax: BODY_BYTES_MAX,
      example: { query: 'SELECT type, count() AS events FROM events GROUP BY type' },
    }),
    answer: text('text/plain; charset=utf-8', {
      description: 'The output of the engine, in the format asked for.',
      example: '{"type":"ProductViewed","events":120}\n',
    }),
    problems: ['engine-unavailable'],
    handle: ({ body: { query, format } }, { tables }: SqlDeps) =>
      tables.read(query, format, { deadlineMs: DEADLINE_MS }).catch(asProblem),
  }),
]

/** A query that the engine refuses is for the caller to correct. */
function asProblem(error: unknown): never {
  if (error instanceof EngineError && !error.retriable) {
    throw new ProblemError('invalid-request', error.message, { cause: error })
  }
  throw error
}
