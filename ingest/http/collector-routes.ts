import type { IncomingMessage } from 'node:http'
import type { Logger } from 'pino'
import type { Registry } from 'prom-client'
import { z } from 'zod'
import type { Clock } from '#engines/clock/port.ts'
import { EngineError } from '#engines/errors.ts'
import type { Log } from '#engines/log/port.ts'
import { json } from '#http/answers.ts'
import { type Body, type Endpoint, endpoints, type Route, route } from '#http/route.ts'
import { bodyFormat } from '#ingest/collector/body-format.ts'
import { ByteBudget } from '#ingest/collector/byte-budget.ts'
import { Collector } from '#ingest/collector/collector.ts'
import { CollectorMetrics } from '#ingest/collector/collector-metrics.ts'
import { COLLECTOR_LIMITS, type CollectorLimits } from '#ingest/collector/limits.ts'
import { readBody } from '#ingest/collector/read-body.ts'
import { splitBody } from '#ingest/collector/split-body.ts'
import type { EventCodec } from '#pipeline/event-codec.ts'
import { EventJson } from '#schemas/events/json.ts'
import { EventsAccepted, NoEventAccepted } from '#schemas/http/events-accepted.ts'
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

interface Collecting {
  readonly limits: CollectorLimits
  readonly budget: ByteBudget
  readonly metrics: CollectorMetrics
  readonly collector: Collector
  readonly logger: Logger
}

const VIEW = { type: 'ProductViewed', user_id: 'ann', product_id: 'cake-stand' } as const

/** The handler reads it, so that its bytes are bounded before they are in memory, and counted until the answer. */
const eventsBody: Body<undefined> = {
  content: {
    'application/json': {
      schema: z.union([EventJson, z.strictObject({ events: z.array(EventJson).min(1) })]),
      example: { events: [VIEW] },
    },
    'application/x-ndjson': {
      schema: z.string().describe('One event as JSON on each line.'),
      example: `${JSON.stringify(VIEW)}\n`,
    },
    'text/plain': {
      schema: z
        .string()
        .describe(
          'The same as application/json, for `navigator.sendBeacon`, which sends strings as text.',
        )
        .meta({ contentMediaType: 'application/json' }),
      example: JSON.stringify(VIEW),
    },
  },
  problems: ['malformed-body', 'payload-too-large', 'unsupported-media-type'],
}

/** `POST /v1/events`: 202 means that every accepted event is durable. */
const sendEvents: Route<Collecting> = route({
  method: 'post',
  path: '/v1/events',
  operationId: 'sendEvents',
  tag: 'events',
  summary: 'Send events: one, a list, or one per line.',
  description: [
    '202 means that every accepted event is durable. Each event is accepted or rejected by itself;',
    '`rejected` says why. Unknown fields of an event are dropped. After a failure, send it again',
    'with the same `event_id` within an hour: it counts once. Each form may be gzipped, with `Content-Encoding: gzip`;',
    `a request has at most ${COLLECTOR_LIMITS.eventsMax} events and ${COLLECTOR_LIMITS.bodyBytesMax} bytes, inflated.`,
  ].join(' '),
  body: eventsBody,
  answer: json(EventsAccepted, {
    status: 202,
    description: 'Every accepted event is durable; `rejected` lists the others, and why.',
    example: { accepted: 1, rejected: [] },
  }),
  problems: [
    { kind: 'no-event-accepted', schema: NoEventAccepted },
    'overloaded',
    'engine-unavailable',
  ],
  async handle({ request }, deps: Collecting) {
    const requestEnded = deps.metrics.startRequest()
    try {
      return await collect(request, deps)
    } finally {
      requestEnded()
    }
  },
})

export const COLLECTOR_ROUTES: readonly Route<Collecting>[] = [sendEvents]

/** The endpoints that take events in. */
export function collectorEndpoints(deps: CollectorDeps): readonly Endpoint[] {
  const limits: CollectorLimits = { ...COLLECTOR_LIMITS, ...deps.limits }
  const budget = new ByteBudget(limits.inFlightBytesMax)
  return endpoints(COLLECTOR_ROUTES, {
    limits,
    budget,
    metrics: new CollectorMetrics(deps.metrics, budget),
    collector: new Collector({ ...deps, eventBytesMax: limits.eventBytesMax }),
    logger: deps.logger,
  })
}

async function collect(
  request: IncomingMessage,
  { limits, budget, metrics, collector, logger }: Collecting,
): Promise<EventsAccepted> {
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
    logger.debug({ rejected: answered.rejected.length, first }, 'events rejected')
  if (answered.accepted === 0) throw nothingAccepted(answered)
  return answered
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
