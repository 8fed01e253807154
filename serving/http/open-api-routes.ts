import { Router } from 'express'
import { openApiDocument } from '../open-api-document.ts'
import { methodNotAllowed } from './method-not-allowed.ts'

/** What this API is, for machines. */
export function openApiRoutes(): Router {
  const router = Router()
  const document = openApiDocument()
  router
    .route('/openapi.json')
    .get((_request, response) => {
      response.set('Cache-Control', 'public, max-age=60').json(document)
    })
    .all(methodNotAllowed('GET', 'HEAD'))
  return router
}
