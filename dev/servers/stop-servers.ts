import { existsSync, readdirSync, realpathSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { runningServers, SERVERS_FOLDER, type ServerName } from '../running-servers.ts'
import { acquireLock } from './acquire-lock.ts'
import { isRunning } from './process-identity.ts'
import { RECIPES } from './recipes.ts'
import { stopProcess } from './stop-process.ts'
import { updateRunning } from './update-running.ts'

export interface StopOptions {
  /** Of the set of servers; default `.servers`. */
  readonly folder?: string
  /** Also removes their data. */
  readonly wipe?: boolean
}

export interface StopOutcome {
  readonly server: ServerName
  readonly wasRunning: boolean
}

/** Stops servers that were started here, and nothing else. Keeps their data unless `wipe`. */
export function stopServers(
  names: readonly ServerName[],
  options: StopOptions = {},
): Promise<StopOutcome[]> {
  return Promise.all(names.map((server) => stopServer(server, options)))
}

async function stopServer(
  server: ServerName,
  { folder = SERVERS_FOLDER, wipe = false }: StopOptions,
): Promise<StopOutcome> {
  using _ = await acquireLock(join(folder, `${server}.lock`))
  const processes = runningServers(folder)[server]?.processes ?? []
  const wasRunning = processes.some(isRunning)
  await Promise.all(processes.map((each) => stopProcess(each, RECIPES[server].stopSignal)))
  await updateRunning(folder, ({ [server]: _stopped, ...others }) => others)
  if (wipe) removeData(join(folder, server))
  return { server, wasRunning }
}

/** Including PostgreSQL's temporary folder, which `postgresFolder` links to. */
function removeData(folder: string): void {
  if (!existsSync(folder)) return
  for (const name of readdirSync(folder)) {
    const real = realpathSync(join(folder, name))
    if (real.startsWith(join(realpathSync(tmpdir()), 'freshet-postgres-')))
      rmSync(real, { recursive: true })
  }
  rmSync(folder, { recursive: true })
}
