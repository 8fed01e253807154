import {
  type RunningServer,
  runningServers,
  SERVER_NAMES,
  SERVERS_FOLDER,
  type ServerName,
} from '../running-servers.ts'
import { isRunning } from './process-identity.ts'

export interface ServerStatus extends Partial<RunningServer> {
  readonly server: ServerName
  /** `partly`: some of its processes died. `died`: all did, without being stopped. */
  readonly state: 'running' | 'partly' | 'died' | 'stopped'
}

/** The current state of each server. */
export function statusOf(
  names: readonly ServerName[] = SERVER_NAMES,
  folder = SERVERS_FOLDER,
): ServerStatus[] {
  const running = runningServers(folder)
  return names.map((server) => ({ server, state: stateOf(running[server]), ...running[server] }))
}

function stateOf(server: RunningServer | undefined): ServerStatus['state'] {
  if (server === undefined) return 'stopped'
  const alive = server.processes.filter(isRunning).length
  if (alive === 0) return 'died'
  return alive === server.processes.length ? 'running' : 'partly'
}
