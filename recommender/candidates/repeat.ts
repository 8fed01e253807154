import type { Candidates } from './candidates.ts'

export interface Purchase {
  readonly item: number
  readonly times: number
}

/** What the person buys again and again: purchases of each item, as a share of the most frequent one. */
export function repeatPurchases(bought: readonly Purchase[]): Candidates {
  return {
    source: 'repeat',
    items: bought.map(({ item }) => item),
    scores: bought.map(({ times }) => times),
    evidence: (item) => [item],
  }
}
