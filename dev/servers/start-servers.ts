import type { RunningServer, ServerName } from '../running-servers.ts'
import { ServerMissing } from './server-recipe.ts'
import { type StartOptions, startServer } from './start-server.ts'

export type StartOutcome = { readonly server: ServerName } & (
  | { readonly state: 'started' | 'was running'; readonly running: RunningServer }
  /** Not available on this machine, or failed to start; the reason is a sentence that says what to do. */
  | { readonly state: 'missing' | 'failed'; readonly reason: string }
)

/**
 * Starts servers concurrently and waits until they answer. They outlive this process. Of a running server only processes
 * that died are restarted, on their ports and with their data. Never rejects: failures are outcomes.
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
