import type { Reason } from '#schemas/http/recommendations.ts'
import type { Window } from '#schemas/http/trends.ts'

const WINDOW_WORDS: Readonly<Record<Window, string>> = {
  '15m': '15 minutes',
  '1h': 'hour',
  '6h': '6 hours',
  '24h': '24 hours',
  '7d': '7 days',
}

/** A lift this close to 1 is called usual. */
const USUAL = 0.1

interface Counts {
  readonly views: number
  readonly carts: number
  readonly purchases: number
}

/** `12 views and 3 purchases in the last hour, 3.4 times its usual share`. Without a baseline there is no usual. */
export function trendingReason(counts: Counts, window: Window, lift: number | null): Reason {
  const acts = [
    amount(counts.views, 'view'),
    amount(counts.carts, 'cart'),
    amount(counts.purchases, 'purchase'),
  ].filter((act) => act !== '')
  const text = `${new Intl.ListFormat('en').format(acts)} in the last ${WINDOW_WORDS[window]}${comparison(lift)}`
  return { source: 'trending', score: 1, text, evidence: [] }
}

function amount(count: number, noun: string): string {
  return count === 0 ? '' : `${count} ${noun}${count === 1 ? '' : 's'}`
}

function comparison(lift: number | null): string {
  if (lift === null) return ''
  if (Math.abs(lift - 1) <= USUAL) return ', its usual share of the shop'
  return `, ${lift < 10 ? lift.toFixed(1) : Math.round(lift)} times its usual share of the shop`
}
