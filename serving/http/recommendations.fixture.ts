import type { RecommendationService, RecommendedItem } from '#schemas/http/recommendations.ts'

const TITLES = [
  'WHITE HANGING HEART T-LIGHT HOLDER',
  'REGENCY CAKESTAND 3 TIER',
  'JUMBO BAG RED RETROSPOT',
  'PARTY BUNTING',
  'ASSORTED COLOUR BIRD ORNAMENT',
  'LUNCH BAG BLACK SKULL.',
  'SET OF 3 CAKE TINS PANTRY DESIGN',
  'PAPER CHAIN KIT 50’S CHRISTMAS',
]

/** What the recommender promises, from a fixed shop: serving is tested against the contract alone. */
export function testRecommendations(users: readonly string[]): RecommendationService {
  let asked = 0
  const header = (limit: number) => ({
    recommendation_id: `r-${++asked}`,
    model_version: 'test-1',
    generated_at: new Date(Date.UTC(2026, 10, 22)).toISOString(),
    freshness_ms: 420,
    items: TITLES.slice(0, limit).map(itemOf),
  })
  return {
    forUser: async ({ userId, limit, surface, exclude, category }) => {
      const { items, ...rest } = header(limit)
      const kept = items.filter(
        (item) =>
          !exclude.includes(item.product_id) &&
          (category === undefined || item.category.includes(category)),
      )
      return { user_id: userId, surface, ...rest, items: kept }
    },
    forSession: async ({ productIds, limit }) => ({
      session: { product_ids: [...productIds] },
      surface: 'session',
      ...header(limit),
    }),
    similar: async ({ productId, limit }) =>
      /^p\d+$/.test(productId)
        ? { product_id: productId, surface: 'similar', ...header(limit) }
        : undefined,
    anyUser: () => users[asked % Math.max(1, users.length)],
  }
}

function itemOf(title: string, index: number): RecommendedItem {
  const evidence = [`p${index + 1}`]
  const session = {
    source: 'session',
    score: 0.7,
    text: 'Shoppers with baskets like this one also chose it',
    evidence,
  } as const
  const bought = {
    source: 'bought_together',
    score: 0.3,
    text: `Often bought together with ${(TITLES[index + 1] ?? 'PARTY BUNTING').toLowerCase()}`,
    evidence,
  } as const
  return {
    product_id: `p${index}`,
    title,
    category: [index % 2 === 0 ? 'home' : 'kitchen'],
    price_minor: 295 + 165 * index,
    currency: 'GBP',
    score: 1 / (index + 1),
    reasons: index % 3 === 2 ? [bought] : [session, bought],
  }
}
