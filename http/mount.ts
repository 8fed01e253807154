import { type RequestHandler, Router } from 'express'
import { ProblemError } from '#schemas/http/problem.ts'
import type { Endpoint } from './route.ts'

/** A router of the endpoints; `limit` stands before those that a rate limit may stop. */
export function mount(endpoints: readonly Endpoint[], limit: RequestHandler): Router {
  const router = Router({ caseSensitive: true, strict: true })
  for (const [path, same] of Map.groupBy(endpoints, (endpoint) => endpoint.path)) {
    const at = router.route(path.replaceAll(/\{(\w+)\}/g, ':$1'))
    if (same.some(({ isLimited }) => isLimited !== false)) at.all(limit)
    for (const endpoint of same) {
      at[endpoint.method]((request, response) => endpoint.serve(request, response))
    }
    at.all(methodNotAllowed(allowedMethods(same)))
  }
  return router
}

function allowedMethods(same: readonly Pick<Endpoint, 'method'>[]): readonly string[] {
  return same.flatMap(({ method }) => (method === 'get' ? ['GET', 'HEAD'] : [method.toUpperCase()]))
}

/** Ends a route: a method that came this far is not one of `allowed`. */
function methodNotAllowed(allowed: readonly string[]): RequestHandler {
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
