import { z } from 'zod'
import { BodyLimit, Category, EXCLUDED_MAX, Id, IdList, Limit } from './parameters.ts'
import { SURFACES } from './recommendations.ts'

export const SESSION_PRODUCTS_MAX = 200

export const UserPath = z.object({
  user_id: Id.describe('As events name the user; it may be an unknown one.'),
})
export const ProductPath = z.object({
  product_id: Id.describe('As the catalogue names the product.'),
})

export const UserQuery = z.object({
  limit: Limit,
  surface: z
    .enum(SURFACES, { error: `surface must be one of ${SURFACES.join(', ')}` })
    .default('home')
    .describe('Where the list will be shown.'),
  category: Category.optional().describe('Only products of this category, at any level.'),
  exclude: IdList.default([]).describe(
    `Product ids to leave out: \`a,b\` or repeated, ${EXCLUDED_MAX} in all.`,
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
    .describe('What the session looked at, from the oldest to the newest.'),
  user_id: Id.optional().describe('Who it is, where that is known.'),
  limit: BodyLimit,
})
