import { Router } from 'express'
import type { Ledger } from '#schemas/http/ledger.ts'
import { methodNotAllowed } from './method-not-allowed.ts'

/** What became of every record. */
export function ledgerRoutes(ledger: () => Promise<Ledger>): Router {
  const router = Router()
  router
    .route('/v1/ledger')
    .get(async (_request, response) => {
      response.set('Cache-Control', 'public, max-age=1').json(await ledger())
    })
    .all(methodNotAllowed('GET', 'HEAD'))
  return router
}
