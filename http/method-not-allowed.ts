import type { RequestHandler } from 'express'
import { ProblemError } from '#schemas/http/problem.ts'

/** Ends a route: whatever method came this far does not apply here. */
export function methodNotAllowed(allowed: readonly string[]): RequestHandler {
  return (request, response) => {
    response.set('Allow', allowed.join(', '))
    if (request.method === 'OPTIONS') {
      response.status(204).end()
      return
    }
    throw new ProblemError(
      'method-not-allowed',
      `${request.method} does not apply here; use ${allowed.join(' or ')}`,
    )
  }
}
