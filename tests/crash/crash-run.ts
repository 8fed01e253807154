import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { openEmbeddedTables } from '#engines/tables/embedded/embedded-tables.ts'
import { SeededRandom } from '#ingest/simulator/seeded-random.ts'
import type { Delivery } from '#pipeline/exactly-once-store.ts'
import { type Audit, audit } from './audit.ts'
import type { Orders } from './crash-orders.ts'
import { dieAt, KILL_POINTS, type Kill, type KillPoint, planKills } from './crash-plan.ts'
import { LedgerWatch } from './ledger-watch.ts'
import { Producers } from './producers.ts'
import { type Spread, spread } from './spread.ts'
import type { SentEvent } from './traffic.ts'
import { type Ending, Victim } from './victim.ts'

export interface CrashRunOptions {
  readonly kills: number
  readonly seed: number
  readonly delivery: Delivery
  /** Empty at first; what the children wrote stays in it. */
  readonly folder: string
  /** Taken in turn; default all. */
  readonly points?: readonly KillPoint[]
  /** Told after each kill. */
  readonly onProgress?: (done: number, kill: Kill) => void
}

export interface CrashSummary extends Audit {
  readonly seed: number
  readonly kills: Readonly<Partial<Record<KillPoint, number>>>
  readonly acknowledged: number
  /** What the acknowledged orders come to, by currency; `revenue` is what the panes say. */
  readonly revenue_acknowledged: Readonly<Record<string, number>>
  /** Ledgers taken while processes came and went, and how many of them did not balance. */
  readonly ledgers: number
  readonly unbalanced: number
  /** From the start of a process to everything that an earlier one had left being processed. */
  readonly takeover_ms: Spread
  /** From the start of a process to its first 200 on /readyz. */
  readonly ready_ms: Spread
  readonly exit_code: number | null
  readonly seconds: number
}

const SNAPSHOT_INTERVAL_MS = 400
/** A child that has not ended by then is killed wherever it is. */
const MEETS_ITS_POINT_WITHIN_MS = 180_000
/** So many are acknowledged before the run ends, however slow the machine is. */
const EVENTS_MIN = 1_500

/**
 * Posts events to Freshet without a pause, kills it again and again, starts it again each time, and at the end counts
 * what the tables hold. @throws Error when Freshet does not come back, refuses events, or does not settle in the end
 */
export async function crashRun(options: CrashRunOptions): Promise<CrashSummary> {
  const { kills, seed, delivery, folder, points = KILL_POINTS, onProgress } = options
  const began = performance.now()
  const producers = new Producers(seed, `run-${seed}`)
  const run: Run = {
    orders: { folder, delivery, snapshotIntervalMs: SNAPSHOT_INTERVAL_MS },
    producers,
    watch: new LedgerWatch(),
    ready: [],
    takeovers: [],
  }
  const done: Partial<Record<KillPoint, number>> = {}
  for (const [i, kill] of planKills(kills, points, new SeededRandom(seed)).entries()) {
    await live(run, kill)
    done[kill.point] = (done[kill.point] ?? 0) + 1
    onProgress?.(i + 1, kill)
  }
  const { code } = await settle(run)
  await using tables = await openEmbeddedTables({ folder: join(folder, 'tables') })
  return {
    seed,
    kills: done,
    acknowledged: producers.acknowledged.size,
    revenue_acknowledged: revenueOf(producers.acknowledged.values()),
    ...(await audit(tables, producers.acknowledged)),
    ledgers: run.watch.taken,
    unbalanced: run.watch.unbalanced,
    takeover_ms: spread(run.takeovers),
    ready_ms: spread(run.ready),
    exit_code: code,
    seconds: Math.round((performance.now() - began) / 1_000),
  }
}

interface Run {
  readonly orders: Orders
  readonly producers: Producers
  readonly watch: LedgerWatch
  /** Milliseconds that each process took to be ready. */
  readonly ready: number[]
  readonly takeovers: number[]
}

/** One life: start, work under load, die as the kill says. */
async function live(
  { orders, producers, watch, ready, takeovers }: Run,
  kill: Kill,
): Promise<void> {
  const point = dieAt(kill)
  using victim = new Victim(point === undefined ? orders : { ...orders, dieAt: point })
  if (kill.point === 'starting') await dieWithin(victim, kill.delayMs)
  const url = await victim.ready()
  if (url !== undefined) {
    ready.push(performance.now() - victim.startedAt)
    await using _ = watch.follow(url)
    producers.postTo(url)
    if (kill.point === 'mid-append') await Promise.race([producers.busy(), victim.ended])
    await dieWithin(victim, point === undefined ? kill.delayMs : MEETS_ITS_POINT_WITHIN_MS)
    producers.postTo(undefined)
  }
  const { signal, code } = await victim.ended
  if (victim.takeoverMs !== undefined) takeovers.push(victim.takeoverMs)
  if (signal !== 'SIGKILL')
    throw new Error(`the child ended by itself (${code ?? signal}):\n${victim.stderr}`)
}

/** The last life: all is acknowledged and processed, then it is asked to stop. */
async function settle({ orders, producers, watch, ready, takeovers }: Run): Promise<Ending> {
  using victim = new Victim(orders)
  const url = await victim.ready()
  if (url === undefined) throw new Error(`the last child died:\n${victim.stderr}`)
  ready.push(performance.now() - victim.startedAt)
  {
    await using following = watch.follow(url)
    producers.postTo(url)
    await Promise.race([producers.reach(EVENTS_MIN), victim.ended])
    await producers.stop()
    await following.settled()
  }
  const ending = await victim.stop()
  if (victim.takeoverMs !== undefined) takeovers.push(victim.takeoverMs)
  return ending
}

async function dieWithin(victim: Victim, ms: number): Promise<void> {
  // Not waited for by the process: `npm run crash` ends when it has told what it found.
  await Promise.race([victim.ended, sleep(ms, undefined, { ref: false })])
  victim.kill()
}

interface OrderLine {
  readonly quantity: number
  readonly unit_price_minor: number
}

function revenueOf(events: Iterable<SentEvent>): Record<string, number> {
  const revenue: Record<string, number> = {}
  for (const event of events) {
    if (event.type !== 'OrderPlaced') continue
    const lines = event['lines'] as readonly OrderLine[]
    const currency = String(event['currency'])
    const total = lines.reduce((sum, line) => sum + line.quantity * line.unit_price_minor, 0)
    revenue[currency] = (revenue[currency] ?? 0) + total
  }
  return revenue
}
