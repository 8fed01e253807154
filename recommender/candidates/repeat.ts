import type { Candidates } from './candidates.ts'

/** What the person buys again and again: purchases of each item, as a share of the most frequent one. */
export function repeatPurchases(
  bought: readonly { readonly item: number; readonly times: number }[],
): Candidates {
  return {
    source: 'repeat',
    items: bought.map(({ item }) => item),
    scores: bought.map(({ times }) => times),
    evidence: (item) => [item],
  }
}
