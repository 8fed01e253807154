import { SeededRandom } from './seeded-random.ts'
import type { Arrival, Shop } from './shop.ts'

/** Recommendations for a user, or undefined when none are available. */
export type Recommend = (userId: string, signal: AbortSignal) => Promise<Recommended | undefined>

export interface Recommended {
  readonly recommendation_id: string
  readonly product_ids: readonly string[]
}

interface RecommendationVisitorOptions {
  readonly shop: Shop
  readonly recommend: Recommend
  readonly seed: number
}

const IS_SHOWN = 0.2
/** Of the products at the first place; falls with the place. People click what they like four times as often. */
const IS_CLICKED = 0.04
const LIKED_FACTOR = 4

/** Shows recommendations to people who are looking at products, and makes them click by their tastes. */
export class RecommendationVisitor {
  readonly #options: RecommendationVisitorOptions
  readonly #random: SeededRandom

  constructor(options: RecommendationVisitorOptions) {
    this.#options = options
    this.#random = new SeededRandom(options.seed + 1)
  }

  /** Schedules what follows from the views in a batch. Rejects as `recommend` does. */
  async react(batch: readonly Arrival[], signal: AbortSignal): Promise<void> {
    for (const { at, event } of batch) {
      const { user_id: userId, session_id: sessionId } = event
      if (event.type !== 'ProductViewed' || userId === null || sessionId === null) continue
      if (!this.#random.chance(IS_SHOWN)) continue
      const list = await this.#options.recommend(userId, signal)
      if (list !== undefined && list.product_ids.length > 0)
        this.#show(at, { userId, sessionId, list })
    }
  }

  #show(at: number, to: { userId: string; sessionId: string; list: Recommended }): void {
    const { shop } = this.#options
    const { recommendation_id, product_ids } = to.list
    const actor = { shopper: shop.shopper(to.userId), sessionId: to.sessionId, isKnown: true }
    const type = 'RecommendationsShown'
    shop.schedule(at, actor, { type, recommendation_id, product_ids: [...product_ids] })
    for (const [place, product_id] of product_ids.entries()) {
      const product = shop.shelves.product(product_id)
      if (product === undefined) continue
      const factor = actor.shopper.likes(product) ? LIKED_FACTOR : 1
      if (!this.#random.chance((IS_CLICKED * factor) / (1 + place))) continue
      const clicked = at + this.#random.between(1_000, 8_000)
      shop.schedule(clicked, actor, {
        type: 'RecommendationClicked',
        recommendation_id,
        product_id,
      })
      shop.schedule(clicked + 500, actor, { type: 'ProductViewed', product_id })
      return
    }
  }
}
