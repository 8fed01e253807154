import type { CommerceEvent } from '#schemas/events.ts'
import type { CandidateName } from '../candidates/registry.ts'
import type { RecommenderLimits } from '../limits.ts'
import { Recommender } from '../recommender.ts'
import { DEFAULT_SETTINGS, type RecommenderSettings } from '../settings.ts'

/** Learns from events and makes lists: the recommender that serves, or a baseline that it is compared with. */
export interface Contender {
  learn(event: CommerceEvent): void
  /** Product ids, best first, for a session of these (oldest first, at least one); without the last of them. */
  recommend(productIds: readonly string[], limit: number): Promise<readonly string[]>
}

/** The code that serves, from events to lists, rules and reasons included. */
export function servedRecommender(
  settings: RecommenderSettings = DEFAULT_SETTINGS,
  limits: Partial<RecommenderLimits> = {},
): Contender {
  const recommender = new Recommender({
    settings,
    limits,
    clock: { now: () => 0, sleep: () => Promise.resolve() },
    newId: () => '',
    random: () => 0,
  })
  return {
    learn: (event) => recommender.learn(event),
    async recommend(productIds, limit) {
      const { items } = await recommender.forSession({ productIds, limit })
      return items.map((item) => item.product_id)
    },
  }
}

/** The serving code with a single candidate for browsing, filled up like any list. */
export function servedAlone(
  candidate: CandidateName,
  limits: Partial<RecommenderLimits> = {},
): Contender {
  const weights = { ...DEFAULT_SETTINGS.weights, browsing: { [candidate]: 1 } }
  return servedRecommender({ ...DEFAULT_SETTINGS, weights }, limits)
}
