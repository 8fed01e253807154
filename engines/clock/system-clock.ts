import type { Clock } from './port.ts'

/** Node's timers fire at once when asked for more than this. */
const TIMER_MS_MAX = 2 ** 31 - 1

/** The machine's own time. */
export const systemClock: Clock = { now: () => Date.now(), sleep }

async function sleep(ms: number, signal?: AbortSignal): Promise<void> {
  for (let left = ms; signal?.aborted !== true; left -= TIMER_MS_MAX) {
    await timer(Math.max(0, Math.min(left, TIMER_MS_MAX)), signal)
    if (left <= TIMER_MS_MAX) return
  }
}

function timer(ms: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve) => {
    const wake = () => {
      clearTimeout(timeout)
      signal?.removeEventListener('abort', wake)
      resolve()
    }
    const timeout = setTimeout(wake, ms)
    signal?.addEventListener('abort', wake)
  })
}
