import { setTimeout } from 'node:timers/promises'
import { type Logger, pino } from 'pino'
import type { Config } from '#app/config.ts'

/** A drain that takes longer is cut short: what was accepted is in the log, and the next start goes on with it. */
export const DRAIN_MS = 20_000
/** A process that is asked to stop during its start gets this long to finish starting, so that it can be drained. */
const STARTED_MS = 5_000
/** Two signals within this time are one Ctrl-C. */
const SAME_CTRL_C_MS = 1_000
/** The exit code of a process that SIGINT ended. */
const INTERRUPTED = 130

interface Running extends AsyncDisposable {
  /** Tells clients and load balancers to go elsewhere; it keeps answering until it is disposed. */
  announceStop(): void
  /** Rejects when it cannot go on; never resolves. */
  readonly failed: Promise<never>
}

/**
 * Starts it, lets it work until a signal comes or it fails, and drains it. SIGTERM is what orchestrators send: it keeps
 * answering for `shutdownDelayMs`, as not ready, until nobody sends it requests. Ctrl-C does not wait for that.
 */
export async function runUntilStopped<R extends Running>(
  start: () => Promise<R>,
  work: (running: R, signal: AbortSignal) => Promise<void>,
  shutdownDelayMs = 0,
): Promise<void> {
  let delayMs = 0
  process.once('SIGTERM', () => {
    delayMs = shutdownDelayMs
  })
  const ended = new AbortController()
  const signal = AbortSignal.any([stopSignal(), ended.signal])
  const stopped = new Promise<void>((resolve) => {
    signal.addEventListener('abort', () => resolve())
  })
  const starting = start()
  // Otherwise a process that waits for its engines would not notice the signal.
  const isStuck = stopped.then(() => setTimeout(STARTED_MS, undefined, { ref: false }))
  const running = await Promise.race([starting, isStuck])
  if (running === undefined) {
    say('stopped before it was ready.')
    process.exit(INTERRUPTED)
  }
  try {
    await Promise.race([work(running, signal).then(() => stopped), running.failed])
  } catch (error) {
    if (!signal.aborted) throw error
  } finally {
    ended.abort()
    say('draining …')
    const isDrained = await Promise.race([drained(running, delayMs), tooLate()])
    say(
      isDrained
        ? 'stopped; everything is saved.'
        : 'stopped before all was processed; the next start goes on with it.',
    )
    if (!isDrained) endAtOnce()
  }
}

/** JSON lines on standard error, none of them lost when the process ends. */
export function processLogger({ logLevel }: Config): Logger {
  return pino({ level: logLevel }, pino.destination({ fd: 2, sync: true }))
}

function say(line: string): void {
  process.stderr.write(`${line}\n`)
}

/**
 * Aborts with the first Ctrl-C or SIGTERM; a later one ends the process at once. npm forwards the signal
 * that the terminal has already sent to this process.
 */
export function stopSignal(): AbortSignal {
  const stop = new AbortController()
  let askedAt = Number.POSITIVE_INFINITY
  const onSignal = () => {
    if (performance.now() - askedAt > SAME_CTRL_C_MS) endAtOnce()
    askedAt = Math.min(askedAt, performance.now())
    stop.abort()
  }
  process.on('SIGINT', onSignal).on('SIGTERM', onSignal)
  return stop.signal
}

/**
 * As in a crash, which state survives by design: `process.exit` would run the exit handlers of chDB, and those wait for
 * ever while a statement runs.
 */
function endAtOnce(): void {
  process.kill(process.pid, 'SIGKILL')
}

async function drained(running: Running, delayMs: number): Promise<boolean> {
  running.announceStop()
  await setTimeout(delayMs)
  await running[Symbol.asyncDispose]()
  return true
}

function tooLate(): Promise<boolean> {
  return setTimeout(DRAIN_MS, false, { ref: false })
}
