/** Counts of an audit and of the ledgers beside it, all 0 when nothing went wrong. */
export const WRONG_COUNTS = [
  'lost',
  'doubled',
  'doubled_records',
  'gaps',
  'panes_wrong',
  'dead_letters',
  'unbalanced',
] as const

/** One line for each of these figures that is not 0. */
export function notZero<K extends string>(
  figures: Readonly<Record<K, number | null>>,
  names: readonly K[],
): string[] {
  return names.filter((name) => figures[name] !== 0).map((name) => `${name}: ${figures[name]}`)
}
