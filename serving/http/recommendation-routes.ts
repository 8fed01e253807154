import express, { Router } from 'express'
import { ProblemError } from '#schemas/http/problem.ts'
import {
  ProductPath,
  SessionRequest,
  SimilarQuery,
  UserPath,
  UserQuery,
} from '#schemas/http/recommendation-requests.ts'
import type { RecommendationService } from '#schemas/http/recommendations.ts'
import { bodyProblem } from './body-problem.ts'
import { methodNotAllowed } from './method-not-allowed.ts'
import { jsonBody, parse, parseQuery } from './request.ts'

export const SESSION_BODY_BYTES_MAX = 64 * 1024

/** Every list is made for this request and carries its own id. */
const CACHE_CONTROL = 'private, no-store'

/** Recommendations by user, by session, by product, and for a user at random. */
export function recommendationRoutes(service: RecommendationService): Router {
  const router = Router()

  router
    .route('/v1/recommendations/users/:user_id')
    .get(async (request, response) => {
      const { user_id } = parse(UserPath, request.params)
      const { category, ...query } = parseQuery(UserQuery, request.query)
      const answer = await service.forUser({
        userId: user_id,
        ...query,
        ...(category !== undefined && { category }),
      })
      response.set('Cache-Control', CACHE_CONTROL).json(answer)
    })
    .all(methodNotAllowed('GET', 'HEAD'))

  router
    .route('/v1/recommendations/sample')
    .get(async (request, response) => {
      const { limit } = parseQuery(SimilarQuery, request.query)
      const userId = service.anyUser()
      if (userId === undefined) {
        throw new ProblemError('not-found', 'No user has recent events yet; send some events first')
      }
      const answer = await service.forUser({ userId, limit, surface: 'home', exclude: [] })
      response.set('Cache-Control', CACHE_CONTROL).json(answer)
    })
    .all(methodNotAllowed('GET', 'HEAD'))

  router
    .route('/v1/recommendations/session')
    .post(express.json({ limit: SESSION_BODY_BYTES_MAX }), async (request, response) => {
      const { product_ids, user_id, limit } = parse(SessionRequest, jsonBody(request))
      const answer = await service.forSession({
        productIds: product_ids,
        limit,
        ...(user_id !== undefined && { userId: user_id }),
      })
      response.set('Cache-Control', CACHE_CONTROL).json(answer)
    })
    .all(methodNotAllowed('POST'))

  router
    .route('/v1/products/:product_id/similar')
    .get(async (request, response) => {
      const { product_id } = parse(ProductPath, request.params)
      const { limit } = parseQuery(SimilarQuery, request.query)
      const answer = await service.similar({ productId: product_id, limit })
      if (answer === undefined) {
        throw new ProblemError('not-found', `Nobody knows a product with the id ${product_id}`)
      }
      response.set('Cache-Control', CACHE_CONTROL).json(answer)
    })
    .all(methodNotAllowed('GET', 'HEAD'))

  router.use(bodyProblem(SESSION_BODY_BYTES_MAX))
  return router
}
