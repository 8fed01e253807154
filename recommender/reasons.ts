import type { Reason } from '#schemas/http/recommendations.ts'
import type { Share } from './blend.ts'

/** Product ids given as the evidence of a reason, at most. */
const EVIDENCE_MAX = 3

/** Titles are cut to this many characters inside a sentence. */
const TITLE_CHARACTERS_MAX = 60

/** Names things for sentences. */
export interface Names {
  productId(item: number): string
  title(item: number): string
  /** The narrowest category of an item. */
  category(item: number): string | undefined
}

/** One reason for each share of an item's score, the strongest first. */
export function reasonsOf(item: number, shares: readonly Share[], names: Names): Reason[] {
  return shares.map(({ source, share, evidence }) => {
    const shown = evidence.slice(0, EVIDENCE_MAX)
    const [newest] = shown
    return {
      source: source.name,
      score: Math.round(share * 1000) / 1000,
      text: source.sentence({
        title: newest === undefined ? undefined : shorten(names.title(newest)),
        category: names.category(item),
      }),
      evidence: shown.map((other) => names.productId(other)),
    }
  })
}

function shorten(title: string): string {
  const characters = Array.from(title)
  if (characters.length <= TITLE_CHARACTERS_MAX) return title
  return `${characters.slice(0, TITLE_CHARACTERS_MAX - 1).join('')}…`
}
