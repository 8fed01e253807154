import { z } from 'zod'

/** Why an item is in the list: one entry per source that proposed it, strongest first. */
export const Reason = z
  .object({
    source: z
      .string()
      .describe('What proposed it, such as `session` or `bought_together`. There may be new ones.'),
    score: z.number().describe('Share of the item score that this source gave, 0 to 1.'),
    text: z.string().describe('A sentence that can be shown to a customer.'),
    evidence: z.array(z.string()).describe('The product ids that led to it, newest first.'),
  })
  .meta({ id: 'Reason' })
export type Reason = z.infer<typeof Reason>

export const RecommendedItem = z
  .object({
    product_id: z.string(),
    title: z.string(),
    category: z.array(z.string()),
    price_minor: z.int(),
    currency: z.string(),
    score: z.number(),
    reasons: z.array(Reason),
  })
  .meta({ id: 'RecommendedItem' })
export type RecommendedItem = z.infer<typeof RecommendedItem>

export const SURFACES = ['home', 'product', 'cart', 'search', 'email'] as const

/** What every list of recommendations says of itself. */
const ListHeader = {
  recommendation_id: z.string(),
  surface: z.enum([...SURFACES, 'session', 'similar']),
  model_version: z.string(),
  generated_at: z.iso.datetime(),
  freshness_ms: z
    .int()
    .nullable()
    .describe(
      'Age of the newest event that this list could take into account; null when there was none yet.',
    ),
  items: z.array(RecommendedItem),
}

export const UserRecommendations = z
  .object({ user_id: z.string(), ...ListHeader })
  .meta({ id: 'UserRecommendations' })
export type UserRecommendations = z.infer<typeof UserRecommendations>

export const SessionRecommendations = z
  .object({
    session: z.object({ product_ids: z.array(z.string()) }),
    ...ListHeader,
  })
  .meta({ id: 'SessionRecommendations' })
export type SessionRecommendations = z.infer<typeof SessionRecommendations>

export const SimilarProducts = z
  .object({ product_id: z.string(), ...ListHeader })
  .meta({ id: 'SimilarProducts' })
export type SimilarProducts = z.infer<typeof SimilarProducts>

export const TrendingProducts = z
  .object({
    window: z.string(),
    as_of: z.iso.datetime(),
    items: z.array(
      z.object({
        product_id: z.string(),
        title: z.string(),
        category: z.array(z.string()),
        score: z.number().describe('Above 0: more activity than its usual share of the shop.'),
        lift: z
          .number()
          .nullable()
          .describe(
            'Activity divided by what its usual share would be; null without a past to compare with.',
          ),
        views: z.int(),
        carts: z.int(),
        purchases: z.int(),
        reasons: z.array(Reason),
      }),
    ),
  })
  .meta({ id: 'TrendingProducts' })
export type TrendingProducts = z.infer<typeof TrendingProducts>

/** What serving asks of the recommender; both sides know only this. */
export interface RecommendationService {
  forUser(request: {
    readonly userId: string
    readonly limit: number
    readonly surface: (typeof SURFACES)[number]
    readonly category?: string
    readonly exclude: readonly string[]
  }): Promise<UserRecommendations>

  /** `productIds` from the oldest to the newest; the newest is what is being looked at. */
  forSession(request: {
    readonly productIds: readonly string[]
    readonly userId?: string
    readonly limit: number
  }): Promise<SessionRecommendations>

  /** Undefined when the product is not known. */
  similar(request: {
    readonly productId: string
    readonly limit: number
  }): Promise<SimilarProducts | undefined>

  /** A user with recent events, at random; undefined while there is none. For the live page. */
  anyUser(): string | undefined
}
