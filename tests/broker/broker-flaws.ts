import { notZero, WRONG_COUNTS } from '../crash/not-zero.ts'
import type { BrokerSummary } from './broker-run.ts'

/** No partition with work to do may stand still for longer, on a machine that does nothing else. */
const STANDSTILL_MS_MAX = 15_000

/** What a run shows that must not be, one line each. */
export function brokerFlaws(summary: BrokerSummary): readonly string[] {
  return notZero(summary, WRONG_COUNTS)
}

/** Where partitions stood still for too long; a matter of the machine as well. */
export function standstillFlaws({ rounds }: BrokerSummary): readonly string[] {
  return rounds
    .filter(({ standstill_ms }) => standstill_ms > STANDSTILL_MS_MAX)
    .map((round) => `a partition stood still for ${round.standstill_ms} ms after ${round.incident}`)
}
