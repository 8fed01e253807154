import { json } from '#http/answers.ts'
import { jsonBody } from '#http/json-body.ts'
import { type Route, route } from '#http/route.ts'
import { ProblemError } from '#schemas/http/problem.ts'
import {
  ProductPath,
  SessionRequest,
  SimilarQuery,
  UserPath,
  UserQuery,
} from '#schemas/http/recommendation-requests.ts'
import {
  type RecommendationService,
  SessionRecommendations,
  SimilarProducts,
  UserRecommendations,
} from '#schemas/http/recommendations.ts'

export const SESSION_BODY_BYTES_MAX = 64 * 1024

/** Every list is made for this request and carries its own id. */
const CACHE_CONTROL = 'private, no-store'

interface RecommendationDeps {
  readonly recommendations: RecommendationService
}

const LIST = {
  recommendation_id: '01932b5e-7d00-7000-8000-0000000000e1',
  model_version: '1',
  generated_at: '2026-11-22T09:30:00.125Z',
  freshness_ms: 420,
  items: [
    {
      product_id: 'cake-stand',
      title: 'Cake stand',
      category: ['Kitchen'],
      price_minor: 1275,
      currency: 'GBP',
      score: 0.83,
      reasons: [
        {
          source: 'session' as const,
          score: 1,
          text: 'Shoppers with baskets like this one also chose it',
          evidence: ['teapot'],
        },
      ],
    },
  ],
}

const recommendUser: Route<RecommendationDeps> = route({
  method: 'get',
  path: '/v1/recommendations/users/{user_id}',
  operationId: 'recommendUser',
  tag: 'recommendations',
  summary: 'What to show this user next, and why.',
  description:
    'A user without events gets a list that is not personal. Report what was shown and clicked as events with the `recommendation_id`.',
  params: UserPath,
  query: UserQuery,
  answer: json(UserRecommendations, {
    description: 'The list, the best first.',
    example: { user_id: 'ann', surface: 'home', ...LIST },
  }),
  cacheControl: CACHE_CONTROL,
  problems: ['engine-unavailable'],
  handle({ params, query: { category, ...query } }, { recommendations }: RecommendationDeps) {
    return recommendations.forUser({
      userId: params.user_id,
      ...query,
      ...(category !== undefined && { category }),
    })
  },
})

const recommendSample: Route<RecommendationDeps> = route({
  method: 'get',
  path: '/v1/recommendations/sample',
  operationId: 'recommendSample',
  tag: 'recommendations',
  summary: 'Recommendations for a random user with recent events.',
  description:
    'To see what lists look like: the live page shows this. 404 while no user has recent events.',
  query: SimilarQuery,
  answer: json(UserRecommendations, {
    description: 'The list of that user, the best first.',
    example: { user_id: 'ann', surface: 'home', ...LIST },
  }),
  cacheControl: CACHE_CONTROL,
  problems: ['not-found', 'engine-unavailable'],
  handle({ query: { limit } }, { recommendations }: RecommendationDeps) {
    const userId = recommendations.anyUser()
    if (userId === undefined) {
      throw new ProblemError('not-found', 'No user has recent events yet; send some events first')
    }
    return recommendations.forUser({ userId, limit, surface: 'home', exclude: [] })
  },
})

const recommendSession: Route<RecommendationDeps> = route({
  method: 'post',
  path: '/v1/recommendations/session',
  operationId: 'recommendSession',
  tag: 'recommendations',
  summary: 'What to show next in a session in which these products were viewed.',
  description:
    'The user need not be known. Nothing of the request is stored: send what happened to `POST /v1/events`.',
  body: jsonBody(SessionRequest, {
    bytesMax: SESSION_BODY_BYTES_MAX,
    example: { product_ids: ['cup', 'teapot'], limit: 5 },
  }),
  answer: json(SessionRecommendations, {
    description: 'The list, the best first.',
    example: { session: { product_ids: ['cup', 'teapot'] }, surface: 'session', ...LIST },
  }),
  cacheControl: CACHE_CONTROL,
  problems: ['engine-unavailable'],
  handle({ body: { product_ids, user_id, limit } }, { recommendations }: RecommendationDeps) {
    return recommendations.forSession({
      productIds: product_ids,
      limit,
      ...(user_id !== undefined && { userId: user_id }),
    })
  },
})

const similarProducts: Route<RecommendationDeps> = route({
  method: 'get',
  path: '/v1/products/{product_id}/similar',
  operationId: 'similarProducts',
  tag: 'recommendations',
  summary: 'Products like this one.',
  description: 'By what people do with products, and by their text.',
  params: ProductPath,
  query: SimilarQuery,
  answer: json(SimilarProducts, {
    description: 'The list, the most similar first.',
    example: { product_id: 'teapot', surface: 'similar', ...LIST },
  }),
  cacheControl: CACHE_CONTROL,
  problems: ['not-found', 'engine-unavailable'],
  async handle(
    { params: { product_id }, query: { limit } },
    { recommendations }: RecommendationDeps,
  ) {
    const answer = await recommendations.similar({ productId: product_id, limit })
    if (answer !== undefined) return answer
    throw new ProblemError('not-found', `There is no product with the id ${product_id}`)
  },
})

/** Recommendations by user, by session, by product, and for a user at random. */
export const RECOMMENDATION_ROUTES: readonly Route<RecommendationDeps>[] = [
  recommendUser,
  recommendSession,
  recommendSample,
  similarProducts,
]
