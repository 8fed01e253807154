import { setTimeout as sleep } from 'node:timers/promises'
import type { RunningProcess } from '../running-servers.ts'
import { isRunning } from './process-identity.ts'

const LIMIT_MS = 10_000
const POLL_MS = 50

/**
 * Ends a process: by signal, after 10 s by SIGKILL (the last of three Kafka nodes would wait for the others for ever). A
 * process that has ended, or another that has reused its pid, is left alone.
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

/** Whether the process was there to receive it. */
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
