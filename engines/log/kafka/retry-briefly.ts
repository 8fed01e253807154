import type { Clock } from '#engines/clock/port.ts'
import { EngineError } from '#engines/errors.ts'

/** An election or a coordinator that loads is over within a second or two: callers need not see it. */
const DELAYS_MS = [50, 100, 200, 400, 800]

/** Retries a few times while the failure is retriable. @throws the last failure */
export async function retryBriefly<T>(clock: Clock, work: () => Promise<T>): Promise<T> {
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
