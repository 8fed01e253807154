import { type Request, type Response, Router } from 'express'
import type { Logger } from 'pino'
import type { Registry } from 'prom-client'
import type { Clock } from '#engines/clock/port.ts'
import { EngineError } from '#engines/errors.ts'
import type { Log } from '#engines/log/port.ts'
import { bodyFormat } from '#ingest/collector/body-format.ts'
import { ByteBudget } from '#ingest/collector/byte-budget.ts'
import { Collector } from '#ingest/collector/collector.ts'
import { CollectorMetrics } from '#ingest/collector/collector-metrics.ts'
import { COLLECTOR_LIMITS, type CollectorLimits } from '#ingest/collector/limits.ts'
import { readBody } from '#ingest/collector/read-body.ts'
import { splitBody } from '#ingest/collector/split-body.ts'
import type { EventCodec } from '#pipeline/event-codec.ts'
import type { EventsAccepted } from '#schemas/http/events-accepted.ts'
import { ProblemError } from '#schemas/http/problem.ts'

export interface CollectorDeps {
  readonly log: Pick<Log, 'append'>
  readonly codec: EventCodec
  readonly clock: Clock
  readonly logger: Logger
  readonly metrics: Registry
  readonly limits?: Partial<CollectorLimits>
  /** Ids for events that bring none; default UUIDv7. */
  readonly newEventId?: () => string
}

/**
 * `POST /v1/events`: one event, `{"events":[…]}` or NDJSON, each optionally gzipped. 202 means that every accepted event
 * is durable. Mount it before any body parser. Problems are thrown as ProblemError; the server's error handler writes them.
 */
export function collectorRouter(deps: CollectorDeps): Router {
  const limits: CollectorLimits = { ...COLLECTOR_LIMITS, ...deps.limits }
  const budget = new ByteBudget(limits.inFlightBytesMax)
  const metrics = new CollectorMetrics(deps.metrics, budget)
  const collector = new Collector({ ...deps, eventBytesMax: limits.eventBytesMax })

  const answer = async (request: Request, response: Response) => {
    const { syntax, gzip } = bodyFormat(request.headers)
    using share = budget.open()
    const body = await readBody(request, { gzip, limits, share })
    metrics.readBytes(body.length)
    const events = splitBody(body, syntax, limits.eventsMax)
    const answered = await collector.collect(events).catch((error: unknown) => {
      throw asProblem(error, limits.retryAfterSeconds)
    })
    metrics.answered(answered)
    const [first] = answered.rejected
    if (first !== undefined)
      deps.logger.debug({ rejected: answered.rejected.length, first }, 'events rejected')
    if (answered.accepted === 0) throw nothingAccepted(answered)
    // Not `json`: nobody asks for the ETag that it would hash.
    response.status(202).type('json').end(JSON.stringify(answered))
  }

  const router = Router()
  router.post('/v1/events', async (request, response) => {
    const requestEnded = metrics.startRequest()
    try {
      await answer(request, response)
    } finally {
      requestEnded()
    }
  })
  return router
}

function nothingAccepted(answered: EventsAccepted): ProblemError {
  const [first, ...more] = answered.rejected
  const detail =
    first === undefined
      ? 'The request holds no event.'
      : `Not valid: ${first.message}${more.length > 0 ? ` (and ${more.length} more)` : ''}.`
  return new ProblemError('no-event-accepted', detail, { members: { ...answered } })
}

function asProblem(error: unknown, retryAfterSeconds: number): unknown {
  if (!(error instanceof EngineError)) return error
  const extras = { retryAfterSeconds, cause: error }
  if (error.code === 'ENGINE_OVERLOADED')
    return new ProblemError(
      'overloaded',
      'The log has a full queue; send this again later.',
      extras,
    )
  if (!error.retriable && error.code !== 'ENGINE_CLOSED') return error
  return new ProblemError(
    'engine-unavailable',
    'The log does not take events now; send this again later, with the same event ids.',
    extras,
  )
}
