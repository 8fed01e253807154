import { readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import type { RunningProcess } from '../running-servers.ts'
import { isRunning } from './process-identity.ts'
import type { PreparedServer } from './server-recipe.ts'

/** A Java server starts in 10 s on a quiet machine, and took ten times that on a busy one. */
const LIMIT_MS = 240_000
const POLL_MS = 200
const SAID_LINES = 3

/** Waits until the server answers. @throws Error with the end of its log when it dies, or is not ready within 4 min */
export async function untilReady(
  { isReady }: PreparedServer,
  processes: readonly RunningProcess[],
): Promise<void> {
  const deadline = performance.now() + LIMIT_MS
  while (!(await isReady())) {
    const dead = processes.find((each) => !isRunning(each))
    if (dead !== undefined) throw new Error(`it ended during startup: ${endOf(dead.log)}`)
    if (performance.now() > deadline) {
      const logs = processes.map(({ log }) => log).join(', ')
      throw new Error(`it did not answer within ${LIMIT_MS / 1_000} s: see ${logs}`)
    }
    await sleep(POLL_MS)
  }
}

function endOf(log: string): string {
  const lines = readFileSync(log, 'utf8')
    .split('\n')
    .filter((line) => line.trim() !== '')
  return `${lines.slice(-SAID_LINES).join(' / ')} (${log})`
}
