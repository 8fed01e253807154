import { mkdirSync } from 'node:fs'
import { dirname } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { setTimeout as sleep } from 'node:timers/promises'

const POLL_MS = 50
const SQLITE_BUSY = 5

/**
 * Waits for an exclusive lock on the file, within and across processes. The kernel releases it when its holder dies, so
 * there are no stale locks.
 */
export async function acquireLock(
  file: string,
  onWait: () => void = () => {},
): Promise<Disposable> {
  mkdirSync(dirname(file), { recursive: true })
  const db = new DatabaseSync(file)
  for (let attempt = 0; !isTaken(db); attempt++) {
    if (attempt === 1) onWait()
    await sleep(POLL_MS)
  }
  return { [Symbol.dispose]: () => db.close() }
}

function isTaken(db: DatabaseSync): boolean {
  try {
    db.exec('BEGIN EXCLUSIVE')
    return true
  } catch (error) {
    if (error instanceof Error && 'errcode' in error && error.errcode === SQLITE_BUSY) return false
    throw error
  }
}
