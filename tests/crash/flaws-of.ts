import { isDeepStrictEqual } from 'node:util'
import type { CrashSummary } from './crash-run.ts'

const NONE = [
  'lost',
  'doubled',
  'doubled_records',
  'gaps',
  'panes_wrong',
  'dead_letters',
  'unbalanced',
  'exit_code',
] as const satisfies readonly (keyof CrashSummary)[]

/** What a run shows that must not be, one line each. */
export function flawsOf(summary: CrashSummary): readonly string[] {
  const flaws = NONE.filter((name) => summary[name] !== 0).map(
    (name) => `${name}: ${summary[name]}`,
  )
  const { revenue, revenue_acknowledged: acknowledged } = summary
  if (!isDeepStrictEqual(new Map(Object.entries(revenue)), new Map(Object.entries(acknowledged))))
    flaws.push(`revenue: ${JSON.stringify({ revenue, acknowledged })}`)
  return flaws
}
