import { finished } from 'node:stream/promises'
import type { ErrorRequestHandler, Request, RequestHandler, Response } from 'express'
import type { Logger } from 'pino'
import { EngineError } from '#engines/errors.ts'
import { ProblemError, problemOf } from '#schemas/http/problem.ts'
import { problemLog } from './problem-log.ts'

/** Answers requests that no route took. */
export const nothingHere: RequestHandler = (request) => {
  throw new ProblemError(
    'not-found',
    `Nothing answers ${request.method} ${request.path}. See /openapi.json.`,
  )
}

/** Answers every error with a problem (RFC 9457). What went wrong on our side is logged and never shown. */
export function problemHandler(logger: Logger): ErrorRequestHandler {
  const log = problemLog(logger)
  return async (error: unknown, request, response, next) => {
    if (response.headersSent) {
      next(error)
      return
    }
    const answered = asProblem(error)
    const { kind, message: detail, extras } = answered
    log(answered, request.path)
    await discardRest(request, response)
    const problem = problemOf(kind, { detail, instance: request.originalUrl })
    const { status } = problem
    if (extras.retryAfterSeconds !== undefined)
      response.setHeader('Retry-After', extras.retryAfterSeconds)
    response
      .status(status)
      .set('Cache-Control', 'no-store')
      .type('application/problem+json; charset=utf-8')
      // Not `send`: clients do not use the ETag of a problem.
      .end(JSON.stringify({ ...problem, errors: extras.errors, ...extras.members }))
  }
}

/**
 * Discards what the caller still sends. Resolves when all has come where the connection closes with the answer: closing
 * while bytes come resets the connection, and the answer is lost. Bounded by the server's `requestTimeout`.
 */
async function discardRest(request: Request, response: Response): Promise<void> {
  request.unpipe()
  request.resume()
  const closes = !response.shouldKeepAlive || response.getHeader('Connection') === 'close'
  if (closes && !request.complete) await finished(request).catch(() => undefined)
}

function asProblem(error: unknown): ProblemError {
  if (error instanceof ProblemError) return error
  if (error instanceof EngineError && error.retriable) {
    const detail = 'An engine does not answer; try again in a moment. /readyz says which.'
    return new ProblemError('engine-unavailable', detail, { retryAfterSeconds: 1, cause: error })
  }
  // express and its parsers name the status of what is the caller's fault.
  const status =
    typeof error === 'object' && error !== null && 'status' in error ? error.status : undefined
  if (status === 404) return new ProblemError('not-found', 'There is no such file.')
  if (typeof status === 'number' && status >= 400 && status < 500) {
    return new ProblemError(
      'invalid-request',
      error instanceof Error ? error.message : 'The request cannot be read.',
    )
  }
  return new ProblemError(
    'internal-error',
    'The server failed on this request; its log says why.',
    { cause: error },
  )
}
