import { TopItems } from '../counting/top-items.ts'
import { interactionOf, isInterest } from '../interactions.ts'
import { Interner } from '../interner.ts'
import { DEFAULT_LIMITS } from '../limits.ts'
import type { Contender } from './contender.ts'
import { LIST_LENGTH } from './ranking-metrics.ts'

/** The items with the most interactions of all time: the least that a recommender has to beat. */
export function popularityBaseline(): Contender {
  const items = new Interner(DEFAULT_LIMITS.items)
  const counts = new Float64Array(DEFAULT_LIMITS.items)
  // One more, for the item that is left out.
  const top = new TopItems(LIST_LENGTH + 1, (item) => counts[item] ?? 0)
  return {
    learn(event) {
      if (!isInterest(event)) return
      for (const productId of interactionOf(event).productIds) {
        const item = items.intern(productId)
        if (item === undefined) continue
        counts[item] = (counts[item] ?? 0) + 1
        top.offer(item)
      }
    },
    recommend(productIds, limit) {
      const list = top.items.map((item) => items.text(item))
      const current = productIds.at(-1)
      return Promise.resolve(list.filter((productId) => productId !== current).slice(0, limit))
    },
  }
}
