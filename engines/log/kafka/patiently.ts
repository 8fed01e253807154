import type { Clock } from '#engines/clock/port.ts'
import { EngineError } from '#engines/errors.ts'

/** What passes by itself in a second, an election or a coordinator that loads, should not reach callers. */
const DELAYS_MS = [50, 100, 200, 400, 800]

/** Tries a few times while the failure is one that may pass. @throws the last failure */
export async function patiently<T>(clock: Clock, work: () => Promise<T>): Promise<T> {
  for (const delayMs of DELAYS_MS) {
    try {
      return await work()
    } catch (error) {
      if (!(error instanceof EngineError && error.retriable)) throw error
      await clock.sleep(delayMs)
    }
  }
  return work()
}
