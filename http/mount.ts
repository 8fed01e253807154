import { type RequestHandler, Router } from 'express'
import { methodNotAllowed } from './method-not-allowed.ts'
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
