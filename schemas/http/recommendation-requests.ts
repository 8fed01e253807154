import { z } from 'zod'
import { BodyLimit, Category, EXCLUDED_MAX, Id, IdList, Limit } from './parameters.ts'
import { SURFACES } from './recommendations.ts'

export const SESSION_PRODUCTS_MAX = 200

export const UserPath = z.object({
  user_id: Id.describe('As in the `user_id` of events. It need not be known.'),
})
export const ProductPath = z.object({
  product_id: Id.describe('As in the `product_id` of events.'),
})

export const UserQuery = z.object({
  limit: Limit,
  surface: z
    .enum(SURFACES, { error: `surface must be one of ${SURFACES.join(', ')}` })
    .default('home')
    .describe('Where the list will be shown.'),
  category: Category.optional().describe('Only products of this category, at any level.'),
  exclude: IdList.default([]).describe(
    `Product ids to leave out: comma-separated or repeated, at most ${EXCLUDED_MAX} in all.`,
  ),
})

export const SimilarQuery = z.object({ limit: Limit })

export const SessionRequest = z.object({
  product_ids: z
    .array(Id, { error: 'product_ids must be a list of product ids, the oldest first' })
    .min(1, { error: 'product_ids must name at least one product' })
    .max(SESSION_PRODUCTS_MAX, {
      error: `product_ids takes at most ${SESSION_PRODUCTS_MAX} products; send the newest`,
    })
    .describe('The products viewed in the session, from the oldest to the newest.'),
  user_id: Id.optional().describe('The user, if known.'),
  limit: BodyLimit,
})
