import { renameSync, writeFileSync } from 'node:fs'
import { type RunningServers, runningFile, runningServers } from '../running-servers.ts'
import { acquireLock } from './acquire-lock.ts'

/** For the owner only: it holds generated passwords. */
const OWNER_ONLY = 0o600

/** Changes the list of what runs. Changes made at once by several processes all count; a reader never sees half a list. */
export async function updateRunning(
  folder: string,
  change: (running: RunningServers) => RunningServers,
): Promise<void> {
  const file = runningFile(folder)
  using _ = await acquireLock(`${file}.lock`)
  const text = JSON.stringify(change(runningServers(folder)), undefined, 2)
  writeFileSync(`${file}.new`, `${text}\n`, { mode: OWNER_ONLY })
  renameSync(`${file}.new`, file)
}
