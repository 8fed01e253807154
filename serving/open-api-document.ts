import { createDocument } from 'zod-openapi'
import { Liveness, Readiness } from '#schemas/http/health.ts'
import { Ledger } from '#schemas/http/ledger.ts'
import { Problem } from '#schemas/http/problem.ts'
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
import {
  ActivityTrend,
  OrderTrend,
  RevenueQuery,
  RevenueTrend,
  TrendingQuery,
  TrendQuery,
} from '#schemas/http/trends.ts'
import { call, liveStream, metrics, sendEvents, sql } from './open-api-operations.ts'

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
      isLimited: false,
    }),
  },
  '/readyz': {
    get: call('ready', {
      tag: 'operations',
      summary:
        'Every engine that is needed answers. The problem otherwise has the state of each too.',
      answer: Readiness,
      problems: ['engine-unavailable', 'shutting-down'],
      isLimited: false,
    }),
  },
  '/metrics': { get: metrics() },
} as const
