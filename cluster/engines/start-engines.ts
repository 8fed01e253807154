import type { EngineName, RunningEngine } from '#cluster/running-engines.ts'
import { EngineMissing } from './engine-missing.ts'
import { type StartOptions, startEngine } from './start-engine.ts'

export type StartOutcome = { readonly engine: EngineName } & (
  | { readonly state: 'started' | 'was running'; readonly running: RunningEngine }
  /** This machine cannot have it, or it did not start; the reason is a sentence that says what to do. */
  | { readonly state: 'missing' | 'failed'; readonly reason: string }
)

/**
 * Starts engines, all at once, and waits until they answer. They outlive this process. One that runs is left as it is,
 * but those of its processes that have died are started again, on their ports and with their data. Never rejects:
 * one that cannot be started holds up no other.
 */
export function startEngines(
  names: readonly EngineName[],
  options: StartOptions = {},
): Promise<StartOutcome[]> {
  return Promise.all(
    names.map(async (engine): Promise<StartOutcome> => {
      try {
        return { engine, ...(await startEngine(engine, options)) }
      } catch (error) {
        const reason = error instanceof Error ? error.message : String(error)
        return { engine, state: error instanceof EngineMissing ? 'missing' : 'failed', reason }
      }
    }),
  )
}
