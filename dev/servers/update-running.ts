import { renameSync, writeFileSync } from 'node:fs'
import { type RunningServers, runningFile, runningServers } from '../running-servers.ts'
import { acquireLock } from './acquire-lock.ts'

/** The file holds generated passwords. */
const OWNER_ONLY = 0o600

/** Updates the list of running servers: atomic for readers, and concurrent updates are serialised. */
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
