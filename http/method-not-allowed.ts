import type { RequestHandler } from 'express'
import { ProblemError } from '#schemas/http/problem.ts'

/** Ends a route: a method that came this far is not one of `allowed`. */
export function methodNotAllowed(allowed: readonly string[]): RequestHandler {
  return (request, response) => {
    response.set('Allow', allowed.join(', '))
    if (request.method === 'OPTIONS') {
      response.status(204).end()
      return
    }
    throw new ProblemError(
      'method-not-allowed',
      `${request.method} is not allowed here; use ${allowed.join(' or ')}`,
    )
  }
}
