import type { RunningServer } from '../running-servers.ts'
import type { StartOptions } from '../servers/start-server.ts'
import { type StartOutcome, startServers } from '../servers/start-servers.ts'
import { stopServers } from '../servers/stop-servers.ts'
import { INSTANCE_SERVERS } from './instance-settings.ts'

type InstanceServer = (typeof INSTANCE_SERVERS)[number]

/** A private set of servers. Disposing stops those that were started for it. */
export interface OwnServers extends AsyncDisposable {
  readonly servers: Readonly<Record<InstanceServer, RunningServer>>
}

interface OwnServersOptions extends StartOptions {
  readonly folder: string
  /** Whether to remove their data when they stop. */
  readonly wipe?: boolean
}

/** Starts all servers that Freshet needs, with their data in the folder. @throws Error that names each server that is not available */
export async function startOwnServers({
  wipe,
  ...options
}: OwnServersOptions): Promise<OwnServers> {
  const { folder } = options
  const outcomes = await startServers(INSTANCE_SERVERS, { ...options, freePorts: true })
  const started = outcomes.filter(({ state }) => state === 'started').map(({ server }) => server)
  const stop = async () => {
    await stopServers(started, { folder, ...(wipe && { wipe }) })
  }
  const missing = outcomes.filter((outcome) => 'reason' in outcome)
  if (missing.length > 0) {
    await stop()
    throw new Error(missing.map(({ server, reason }) => `${server}: ${reason}`).join('\n'))
  }
  return {
    servers: Object.fromEntries(outcomes.flatMap(entryOf)) as OwnServers['servers'],
    [Symbol.asyncDispose]: stop,
  }
}

function entryOf(outcome: StartOutcome): [string, RunningServer][] {
  return 'running' in outcome ? [[outcome.server, outcome.running]] : []
}
