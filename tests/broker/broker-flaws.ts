import { notZero, WRONG_COUNTS } from '../crash/not-zero.ts'
import type { BrokerSummary } from './broker-run.ts'

/** No partition with work to do may stand still for longer. */
export const STANDSTILL_MS_MAX = 15_000

/** What a run shows that must not be, one line each. */
export function brokerFlaws(summary: BrokerSummary): readonly string[] {
  const flaws = notZero(summary, WRONG_COUNTS)
  for (const { trouble, standstill_ms } of summary.rounds) {
    if (standstill_ms > STANDSTILL_MS_MAX)
      flaws.push(`a partition stood still for ${standstill_ms} ms after ${trouble}`)
  }
  return flaws
}
