import type { Request } from 'express'
import type { z } from 'zod'
import { ProblemError } from '#schemas/http/problem.ts'

/** Checks what a caller sent. @throws ProblemError invalid-request, with a JSON pointer to each fault */
export function parse<S extends z.ZodType>(schema: S, input: unknown): z.output<S> {
  const result = schema.safeParse(input)
  if (result.success) return result.data
  const errors = result.error.issues.map((issue) => ({
    pointer: issue.path.map((key) => `/${escapePointer(String(key))}`).join(''),
    detail: issue.message,
  }))
  const detail = errors.map((error) => `${error.pointer}: ${error.detail}`).join('; ')
  throw new ProblemError('invalid-request', detail, { errors })
}

/** As `parse`, for a query string, where `category=` says the same as nothing. */
export function parseQuery<S extends z.ZodType>(
  schema: S,
  query: Readonly<Record<string, unknown>>,
): z.output<S> {
  return parse(
    schema,
    Object.fromEntries(Object.entries(query).filter(([, value]) => value !== '')),
  )
}

/** RFC 6901. */
function escapePointer(key: string): string {
  return key.replaceAll('~', '~0').replaceAll('/', '~1')
}

/** The body that express.json read. @throws ProblemError when it was not sent as JSON */
export function jsonBody(request: Request): unknown {
  if (request.body !== undefined) return request.body
  throw new ProblemError(
    'unsupported-media-type',
    'Send a JSON body with the header Content-Type: application/json',
  )
}
