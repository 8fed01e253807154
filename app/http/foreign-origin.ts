import type { Request, RequestHandler, Response } from 'express'
import { ProblemError } from '#schemas/http/problem.ts'

const READS = ['GET', 'HEAD', 'OPTIONS']
const SHOWN_MAX = 100
/** How long a browser may remember what a preflight said. */
const PREFLIGHT_SECONDS = 600

/**
 * Refuses writes that a browser sends for a page of another origin (CSRF): `fetch` without CORS, forms and sendBeacon
 * reach any server, whatever its answer says. Browsers put `Origin` on each of them; other clients send none and are
 * accepted. The origins that are named (ALLOWED_ORIGINS) may write, and are the only ones whose pages may read answers.
 */
export function foreignOrigin(named: readonly string[]): RequestHandler {
  return (request, response, next) => {
    const origin = request.get('Origin')?.toLowerCase()
    if (named.length > 0) response.vary('Origin')
    if (origin !== undefined && named.includes(origin)) {
      letRead(response, origin)
      if (isPreflight(request)) allowWrites(response)
      else next()
      return
    }
    if (READS.includes(request.method) || isOwn(request, origin)) next()
    else next(foreign(origin))
  }
}

/** The same scheme, host and port; behind a proxy that is trusted (TRUST_PROXY), the scheme that it was asked with. */
function isOwn(request: Request, origin: string | undefined): boolean {
  if (origin === undefined) {
    return ['same-origin', 'none'].includes(request.get('Sec-Fetch-Site') ?? 'none')
  }
  return origin === `${request.protocol}://${request.headers.host?.toLowerCase()}`
}

function letRead(response: Response, origin: string): void {
  response.set('Access-Control-Allow-Origin', origin)
  response.set('Access-Control-Expose-Headers', 'RateLimit, RateLimit-Policy, Retry-After')
}

function isPreflight(request: Request): boolean {
  return request.method === 'OPTIONS' && request.get('Access-Control-Request-Method') !== undefined
}

function allowWrites(response: Response): void {
  response.set({
    'Access-Control-Allow-Methods': 'GET, HEAD, POST',
    'Access-Control-Allow-Headers': 'Content-Encoding, Content-Type, Last-Event-ID',
    'Access-Control-Max-Age': String(PREFLIGHT_SECONDS),
  })
  response.status(204).end()
}

function foreign(origin: string | undefined): ProblemError {
  const page = origin === undefined ? 'another site' : `"${origin.slice(0, SHOWN_MAX)}"`
  const detail = `A web page of ${page} asked for this, and only pages of this server may. Name its origin in ALLOWED_ORIGINS (comma-separated) if it is yours.`
  return new ProblemError('foreign-origin', detail)
}
