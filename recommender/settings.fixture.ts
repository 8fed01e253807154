import type { RecommenderSettings } from './settings.ts'

/** Weights of today's candidates, so that tests of lists stay true when one is registered or a weight is tuned. */
export const SETTINGS: RecommenderSettings = {
  weights: {
    browsing: { session: 1, transition: 0.3, bought_together: 0.3, repeat: 1 },
    basket: { session: 0.5, bought_together: 1, repeat: 2, popular: 1 },
    unknown: { popular: 1, trending: 0.5 },
    similar: { text: 1, bought_together: 1 },
  },
  excludeBought: true,
}
