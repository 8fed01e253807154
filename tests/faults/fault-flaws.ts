import { notZero, WRONG_COUNTS } from '../crash/not-zero.ts'
import type { FaultSummary } from './fault-run.ts'

/** How much more memory a process may take while its servers fail, in megabytes. */
const RSS_GROWTH_MB_MAX = 300
const DRAIN_RATIO_MIN = 3

/** What a run shows that must not be, one line each. */
export function faultFlaws(summary: FaultSummary): readonly string[] {
  const flaws = notZero(summary, [...WRONG_COUNTS, 'exit_code'])
  const { rss_before_mb, rss_max_mb } = summary
  if (rss_max_mb > rss_before_mb + RSS_GROWTH_MB_MAX)
    flaws.push(`memory grew from ${rss_before_mb} to ${rss_max_mb} MB`)
  return flaws
}

/** Whether what gathered was stored too slowly to be gone soon; a matter of the machine as well. */
export function drainFlaws({ drain }: FaultSummary): readonly string[] {
  if (drain === undefined || drain.ratio >= DRAIN_RATIO_MIN) return []
  return [`drained at ${drain.ratio} times the live rate (least: ${DRAIN_RATIO_MIN})`]
}
