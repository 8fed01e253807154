import type { CandidateDeclaration } from './candidate.ts'

/** What the person buys again and again: the purchases of each item. */
export const repeat: CandidateDeclaration<'repeat'> = {
  name: 'repeat',
  create: () => ({
    propose: ({ bought }) => ({
      items: bought.map(({ item }) => item),
      scores: bought.map(({ times }) => times),
      evidence: (item) => [item],
    }),
  }),
  sentence: () => 'You bought this before.',
}
