import type { RunningServer, ServerName } from '../running-servers.ts'
import { ServerMissing } from './server-missing.ts'
import { type StartOptions, startServer } from './start-server.ts'

export type StartOutcome = { readonly server: ServerName } & (
  | { readonly state: 'started' | 'was running'; readonly running: RunningServer }
  /** This machine cannot have it, or it did not start; the reason is a sentence that says what to do. */
  | { readonly state: 'missing' | 'failed'; readonly reason: string }
)

/**
 * Starts servers, all at once, and waits until they answer. They outlive this process. One that runs is left as it is,
 * but those of its processes that have died are started again, on their ports and with their data. Never rejects:
 * one that cannot be started holds up no other.
 */
export function startServers(
  names: readonly ServerName[],
  options: StartOptions = {},
): Promise<StartOutcome[]> {
  return Promise.all(
    names.map(async (server): Promise<StartOutcome> => {
      try {
        return { server, ...(await startServer(server, options)) }
      } catch (error) {
        const reason = error instanceof Error ? error.message : String(error)
        return { server, state: error instanceof ServerMissing ? 'missing' : 'failed', reason }
      }
    }),
  )
}
