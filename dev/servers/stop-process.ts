import { setTimeout as sleep } from 'node:timers/promises'
import type { RunningProcess } from '../running-servers.ts'
import { isRunning } from './process-identity.ts'

const LIMIT_MS = 10_000
const POLL_MS = 50

/**
 * Ends a process, in good order if it can within 10 s: the last of three Kafka nodes cannot, as it waits for the others.
 * One that is gone, or another that has its pid by now, is left alone.
 */
export async function stopProcess(
  process_: RunningProcess,
  signal: NodeJS.Signals = 'SIGTERM',
): Promise<void> {
  if (!sendSignal(process_, signal)) return
  for (let waited = 0; waited < LIMIT_MS; waited += POLL_MS) {
    await sleep(POLL_MS)
    if (!isRunning(process_)) return
  }
  sendSignal(process_, 'SIGKILL')
  while (isRunning(process_)) await sleep(POLL_MS)
}

/** Whether there was the process to send it to. */
function sendSignal(process_: RunningProcess, signal: NodeJS.Signals): boolean {
  if (!isRunning(process_)) return false
  try {
    process.kill(process_.pid, signal)
    return true
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ESRCH') return false
    throw error
  }
}
