import { z } from 'zod'
import type { ZodOpenApiOperationObject } from 'zod-openapi'
import { EventJson } from '#schemas/events/json.ts'
import { EventsAccepted } from '#schemas/http/events-accepted.ts'
import { PROBLEM_KINDS, Problem, type ProblemKind } from '#schemas/http/problem.ts'
import { SqlRequest } from '#schemas/http/sql.ts'

interface Call {
  readonly tag: 'events' | 'recommendations' | 'trends' | 'operations'
  readonly summary: string
  readonly answer: z.ZodType
  readonly path?: z.ZodObject
  readonly query?: z.ZodObject
  readonly body?: z.ZodType
  readonly problems: readonly ProblemKind[]
  /** False for probes, which no rate limit stops. */
  readonly isLimited?: false
}

/** A call with JSON in and out. */
export function call(operationId: string, spec: Call): ZodOpenApiOperationObject {
  return {
    operationId,
    tags: [spec.tag],
    summary: spec.summary,
    requestParams: {
      ...(spec.path !== undefined && { path: spec.path }),
      ...(spec.query !== undefined && { query: spec.query }),
    },
    ...(spec.body !== undefined && {
      requestBody: { required: true, content: { 'application/json': { schema: spec.body } } },
    }),
    responses: {
      '200': {
        description: 'The answer.',
        content: { 'application/json': { schema: spec.answer } },
      },
      ...problems(
        ...spec.problems,
        ...(spec.body === undefined ? [] : (['foreign-origin'] as const)),
        ...(spec.isLimited === false ? [] : (['too-many-requests'] as const)),
        'internal-error',
      ),
    },
  }
}

/** The calls that speak more than JSON. */
export function sendEvents(): ZodOpenApiOperationObject {
  return {
    operationId: 'sendEvents',
    tags: ['events'],
    summary:
      'Takes events: one, a list, or one per line. 202 means that every accepted event is durable.',
    description: 'Each form may be gzipped, with `Content-Encoding: gzip`.',
    requestBody: {
      required: true,
      content: {
        'application/json': {
          schema: z.union([EventJson, z.object({ events: z.array(EventJson).min(1) })]),
        },
        'application/x-ndjson': {
          schema: z.string().describe('One event as JSON on each line.'),
        },
      },
    },
    responses: {
      '202': {
        description: 'Durable; `rejected` names those that are not, and why.',
        content: { 'application/json': { schema: EventsAccepted } },
      },
      ...problems(
        'malformed-body',
        'payload-too-large',
        'unsupported-media-type',
        'foreign-origin',
        'no-event-accepted',
        'too-many-requests',
        'overloaded',
        'internal-error',
      ),
    },
  }
}

export function liveStream(): ZodOpenApiOperationObject {
  return {
    operationId: 'liveTrends',
    tags: ['trends'],
    summary: 'The newest minutes, the movers and the ledger as Server-Sent Events.',
    description:
      'Events `trends`, `movers` and `ledger`, each with JSON as its data; send `Last-Event-ID` to resume.',
    requestParams: { header: z.object({ 'Last-Event-ID': z.string().optional() }) },
    responses: {
      '200': {
        description: 'A stream that does not end by itself.',
        content: { 'text/event-stream': { schema: z.string() } },
      },
      ...problems('too-many-requests', 'overloaded'),
    },
  }
}

export function sql(): ZodOpenApiOperationObject {
  return {
    operationId: 'sql',
    tags: ['operations'],
    summary: 'Read-only SQL on the tables, for analysts; answers in the format asked for.',
    requestBody: { required: true, content: { 'application/json': { schema: SqlRequest } } },
    responses: {
      '200': {
        description: "The engine's own output.",
        content: { 'text/plain': { schema: z.string() } },
      },
      ...problems(
        'invalid-request',
        'malformed-body',
        'payload-too-large',
        'unsupported-media-type',
        'foreign-origin',
        'too-many-requests',
        'engine-unavailable',
        'internal-error',
      ),
    },
  }
}

export function metrics(): ZodOpenApiOperationObject {
  return {
    operationId: 'metrics',
    tags: ['operations'],
    summary: 'Metrics in the text format of Prometheus.',
    responses: {
      '200': { description: 'The metrics.', content: { 'text/plain': { schema: z.string() } } },
    },
  }
}

/** One response per status; kinds that share one are named in it. Every call refuses Hosts that are not its own. */
function problems(...kinds: readonly ProblemKind[]) {
  const byStatus = Map.groupBy(
    [...kinds, 'misdirected-request'] as const,
    (kind) => PROBLEM_KINDS[kind].status,
  )
  return Object.fromEntries(
    [...byStatus].map(([status, same]) => [
      String(status) as `${4 | 5}${string}`,
      {
        description: same.map((kind) => `${kind}: ${PROBLEM_KINDS[kind].title}.`).join(' '),
        content: { 'application/problem+json': { schema: Problem } },
      },
    ]),
  )
}
