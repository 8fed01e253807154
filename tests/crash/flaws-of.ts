import { isDeepStrictEqual } from 'node:util'
import type { CrashSummary } from './crash-run.ts'
import { notZero, WRONG_COUNTS } from './not-zero.ts'

/** What a run shows that must not be, one line each. */
export function flawsOf(summary: CrashSummary): readonly string[] {
  const flaws = notZero(summary, [...WRONG_COUNTS, 'exit_code'])
  const { revenue, revenue_acknowledged: acknowledged } = summary
  if (!isDeepStrictEqual(new Map(Object.entries(revenue)), new Map(Object.entries(acknowledged))))
    flaws.push(`revenue: ${JSON.stringify({ revenue, acknowledged })}`)
  return flaws
}
