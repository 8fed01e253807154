import { z } from 'zod'
import { createDocument, type ZodOpenApiOperationObject } from 'zod-openapi'
import { EventJson } from '#schemas/events/json.ts'
import { EventsAccepted } from '#schemas/http/events-accepted.ts'
import { Liveness, Readiness } from '#schemas/http/health.ts'
import { Ledger } from '#schemas/http/ledger.ts'
import { PROBLEM_KINDS, Problem, type ProblemKind } from '#schemas/http/problem.ts'
import {
  ProductPath,
  SessionRequest,
  SimilarQuery,
  UserPath,
  UserQuery,
} from '#schemas/http/recommendation-requests.ts'
import {
  SessionRecommendations,
  SimilarProducts,
  TrendingProducts,
  UserRecommendations,
} from '#schemas/http/recommendations.ts'
import { SqlRequest } from '#schemas/http/sql.ts'
import {
  ActivityTrend,
  OrderTrend,
  RevenueQuery,
  RevenueTrend,
  TrendingQuery,
  TrendQuery,
} from '#schemas/http/trends.ts'

/** Of the API, not of the product: calls and fields are added to v1, never renamed or dropped. */
const VERSION = '1.0.0'

/** The OpenAPI 3.1 document of every call, made from the schemas that requests and answers are held to. */
export function openApiDocument() {
  return createDocument({
    openapi: '3.1.0',
    info: {
      title: 'Freshet',
      version: VERSION,
      summary: 'Events in, live trends and recommendations out.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    tags: [
      { name: 'events', description: 'What happens in the shop.' },
      { name: 'recommendations', description: 'What to show next, and why.' },
      { name: 'trends', description: 'What is happening now, and what happened.' },
      { name: 'operations', description: 'Whether all is well.' },
    ],
    components: { schemas: COMPONENTS },
    paths: PATHS,
  })
}

const COMPONENTS = {
  Problem,
  UserRecommendations,
  SessionRecommendations,
  SimilarProducts,
  TrendingProducts,
  OrderTrend,
  RevenueTrend,
  ActivityTrend,
  Ledger,
  Liveness,
  Readiness,
}

interface Call {
  readonly tag: 'events' | 'recommendations' | 'trends' | 'operations'
  readonly summary: string
  readonly answer: z.ZodType
  readonly path?: z.ZodObject
  readonly query?: z.ZodObject
  readonly body?: z.ZodType
  readonly problems: readonly ProblemKind[]
}

const PATHS = {
  '/v1/events': { post: sendEvents() },
  '/v1/recommendations/users/{user_id}': {
    get: call('recommendUser', {
      tag: 'recommendations',
      summary: 'What to show this user next, and why.',
      path: UserPath,
      query: UserQuery,
      answer: UserRecommendations,
      problems: ['invalid-request'],
    }),
  },
  '/v1/recommendations/session': {
    post: call('recommendSession', {
      tag: 'recommendations',
      summary:
        'What to show next in a session that looked at these products; nobody need be known.',
      body: SessionRequest,
      answer: SessionRecommendations,
      problems: [
        'invalid-request',
        'malformed-body',
        'payload-too-large',
        'unsupported-media-type',
      ],
    }),
  },
  '/v1/recommendations/sample': {
    get: call('recommendSample', {
      tag: 'recommendations',
      summary: 'Recommendations for a user with recent events, at random.',
      query: SimilarQuery,
      answer: UserRecommendations,
      problems: ['invalid-request', 'not-found'],
    }),
  },
  '/v1/products/{product_id}/similar': {
    get: call('similarProducts', {
      tag: 'recommendations',
      summary: 'Products like this one.',
      path: ProductPath,
      query: SimilarQuery,
      answer: SimilarProducts,
      problems: ['invalid-request', 'not-found'],
    }),
  },
  '/v1/products/trending': {
    get: call('trendingProducts', {
      tag: 'trends',
      summary: 'The products whose share of the shop grew most.',
      query: TrendingQuery,
      answer: TrendingProducts,
      problems: ['invalid-request', 'engine-unavailable'],
    }),
  },
  '/v1/trends/orders': {
    get: call('orderTrend', {
      tag: 'trends',
      summary: 'Orders and units over time.',
      query: TrendQuery,
      answer: OrderTrend,
      problems: ['invalid-request', 'engine-unavailable'],
    }),
  },
  '/v1/trends/revenue': {
    get: call('revenueTrend', {
      tag: 'trends',
      summary: 'Revenue by currency over time.',
      query: RevenueQuery,
      answer: RevenueTrend,
      problems: ['invalid-request', 'engine-unavailable'],
    }),
  },
  '/v1/trends/activity': {
    get: call('activityTrend', {
      tag: 'trends',
      summary: 'Views, carts, purchases and people over time.',
      query: TrendQuery,
      answer: ActivityTrend,
      problems: ['invalid-request', 'engine-unavailable'],
    }),
  },
  '/v1/trends/live': { get: liveStream() },
  '/v1/ledger': {
    get: call('ledger', {
      tag: 'operations',
      summary: 'What became of every record that the log took.',
      answer: Ledger,
      problems: ['engine-unavailable'],
    }),
  },
  '/v1/sql': { post: sql() },
  '/livez': {
    get: call('live', {
      tag: 'operations',
      summary: 'The process is alive.',
      answer: Liveness,
      problems: [],
    }),
  },
  '/readyz': {
    get: call('ready', {
      tag: 'operations',
      summary: 'Every engine answers. The problem otherwise has the state of each too.',
      answer: Readiness,
      problems: ['engine-unavailable'],
    }),
  },
  '/metrics': { get: metrics() },
} as const

function call(operationId: string, spec: Call): ZodOpenApiOperationObject {
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
      ...problems(...spec.problems, 'internal-error'),
    },
  }
}

function sendEvents(): ZodOpenApiOperationObject {
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
        'no-event-accepted',
        'overloaded',
        'internal-error',
      ),
    },
  }
}

function liveStream(): ZodOpenApiOperationObject {
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
      ...problems('overloaded'),
    },
  }
}

function sql(): ZodOpenApiOperationObject {
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
        'engine-unavailable',
        'internal-error',
      ),
    },
  }
}

function metrics(): ZodOpenApiOperationObject {
  return {
    operationId: 'metrics',
    tags: ['operations'],
    summary: 'Metrics in the text format of Prometheus.',
    responses: {
      '200': { description: 'The metrics.', content: { 'text/plain': { schema: z.string() } } },
    },
  }
}

/** One response per status; kinds that share one are named in it. */
function problems(...kinds: readonly ProblemKind[]) {
  const byStatus = Map.groupBy(kinds, (kind) => PROBLEM_KINDS[kind].status)
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
