import type { Reason } from '#schemas/http/recommendations.ts'
import type { Share } from './blend.ts'

/** At most so many product ids back a reason. */
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

/** What is shown to a customer for each share of an item's score, the strongest first. */
export function reasonsOf(item: number, shares: readonly Share[], names: Names): Reason[] {
  return shares.map(({ source, share, evidence }) => {
    const shown = evidence.slice(0, EVIDENCE_MAX)
    return {
      source,
      score: Math.round(share * 1000) / 1000,
      text: sentence(source, item, { names, evidence: shown }),
      evidence: shown.map((other) => names.productId(other)),
    }
  })
}

function sentence(
  source: Reason['source'],
  item: number,
  { names, evidence }: { readonly names: Names; readonly evidence: readonly number[] },
): string {
  const [newest] = evidence
  const title = newest === undefined ? undefined : shorten(names.title(newest))
  switch (source) {
    case 'session':
      return title === undefined
        ? 'Others with an interest like yours also chose this.'
        : `Others who looked at ${title} in a visit like yours also chose this.`
    case 'transition':
      return title === undefined ? 'Often chosen next.' : `Often chosen right after ${title}.`
    case 'bought_together':
      return title === undefined
        ? 'Often chosen together with what you looked at.'
        : `Often chosen together with ${title}.`
    case 'repeat':
      return 'You bought this before.'
    case 'text':
      return title === undefined ? 'Described alike.' : `Described much like ${title}.`
    case 'trending':
      return 'More in demand than usual right now.'
    case 'popular':
      return 'Popular with everybody.'
    case 'category': {
      const category = names.category(item)
      return category === undefined ? 'Popular of its kind.' : `Popular in ${category}.`
    }
  }
}

function shorten(title: string): string {
  const characters = Array.from(title)
  if (characters.length <= TITLE_CHARACTERS_MAX) return title
  return `${characters.slice(0, TITLE_CHARACTERS_MAX - 1).join('')}…`
}
