import { setTimeout as after } from 'node:timers'
import { setTimeout as sleep } from 'node:timers/promises'
import { pino } from 'pino'
import { loadConfig } from '#app/config.ts'
import { startInstance } from '#app/instance.ts'
import { behind } from '#dev/processes/behind.ts'
import type { CrashHook } from '#pipeline/crash-point.ts'
import { FACTS } from '#processors/topologies.ts'
import { TOPIC_NAMES } from '#schemas/topics.ts'
import type { FromChild, Orders } from './crash-orders.ts'

/**
 * The victim of the crash test: Freshet on a folder, which kills itself at the point that its orders name. It tells its
 * parent its address, drains on SIGTERM, and does not outlive its parent.
 */
const orders = JSON.parse(process.argv[2] ?? '') as Orders

let passed = 0
const crashPoint: CrashHook = (point) => {
  if (point !== orders.dieAt?.point) return
  passed += 1
  if (passed !== orders.dieAt.pass) return
  if (orders.dieAt.delayMs === 0) die()
  after(die, orders.dieAt.delayMs)
}

function tell(message: FromChild): void {
  if (process.connected) process.send?.(message)
}

/** Resolves when the archive has committed everything that was in the log when this process came up. */
async function takenOver(): Promise<void> {
  while ((await behind(log, { ...FACTS, topics: TOPIC_NAMES }, found)).length > 0) {
    if (stop.signal.aborted) return
    await sleep(5)
  }
}

function die(): void {
  process.kill(process.pid, 'SIGKILL')
}

const stop = new AbortController()
process.once('SIGTERM', () => stop.abort())
const orphaned = () => process.exit(1)
process.once('disconnect', orphaned)

await using instance = await startInstance({
  config: loadConfig(
    { host: '127.0.0.1', port: 0, data: orders.folder },
    { LOG_LEVEL: 'warn', ...orders.environment },
  ),
  logger: pino({ level: 'warn' }, pino.destination({ fd: 2, sync: true })),
  delivery: orders.delivery,
  snapshotIntervalMs: orders.snapshotIntervalMs,
  crashPoint,
})
const { log } = instance.engines
const found = await log.bounds(TOPIC_NAMES)
tell({ url: instance.url })
void takenOver().then(() => tell({ takenOver: true }))
const stopped = new Promise<void>((resolve) => {
  stop.signal.addEventListener('abort', () => resolve())
})
await Promise.race([stopped, instance.failed])
process.off('disconnect', orphaned)
process.disconnect()
