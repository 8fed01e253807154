import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { usageOf } from '#dev/processes/freshet-process.ts'
import { SeededRandom } from '#ingest/simulator/seeded-random.ts'
import type { Delivery } from '#pipeline/exactly-once-store.ts'
import { type Audit, audit } from '../crash/audit.ts'
import { LedgerWatch } from '../crash/ledger-watch.ts'
import { Producers } from '../crash/producers.ts'
import { Victim } from '../crash/victim.ts'
import { type Drain, measureDrain } from './drain.ts'
import { begin, type Fault, planFaults, type Target } from './fault-plan.ts'
import { MemoryWatch } from './memory-watch.ts'
import { Progress } from './progress.ts'
import { type ProxiedServers, startProxiedServers } from './proxied-servers.ts'

export interface FaultRunOptions {
  readonly seed: number
  readonly rounds: number
  readonly delivery: Delivery
  /** Empty at first; what was written stays in it. */
  readonly folder: string
  /** How long a fault lasts at most. */
  readonly faultMsMax?: number
  /** How long the tables are away at last, to see how what has gathered drains. 0: not at all. */
  readonly outageMs?: number
  /** Instead of those planned. */
  readonly faults?: readonly Fault[]
  readonly onProgress?: (fault: Fault, done: number) => void
}

export interface FaultSummary extends Audit {
  readonly seed: number
  /** How many there were, by target and name. */
  readonly faults: Readonly<Record<string, number>>
  /** The servers that were there. */
  readonly targets: readonly Target[]
  readonly acknowledged: number
  readonly ledgers: number
  readonly unbalanced: number
  readonly drain: Drain | undefined
  /** Resident memory of the process: under load before the first fault, and the most there was. */
  readonly rss_before_mb: number
  readonly rss_max_mb: number
  readonly exit_code: number | null
  readonly seconds: number
}

const FAULT_MS = 2_000
/** Between two posts of one of eight producers: some 500 events a second together. */
const PAUSE_MS_MAX = 1_600
const WARM_UP_MS = 2_000
/** So many are acknowledged before the run ends, however slow the machine is. */
const EVENTS_MIN = 1_500

/**
 * Freshet in a process of its own, under steady traffic, while the connections to its servers suffer one fault after the
 * other; at the end the tables are counted. @throws Error when it does not recover
 */
export async function faultRun(options: FaultRunOptions): Promise<FaultSummary> {
  const { seed, delivery, folder } = options
  const began = performance.now()
  const random = new SeededRandom(seed)
  await using servers = await startProxiedServers(folder, new SeededRandom(seed + 1))
  const { environment, proxies } = servers
  const orders = { folder: join(folder, 'freshet'), delivery, snapshotIntervalMs: 1_000 }
  using victim = new Victim({ ...orders, environment })
  const url = await victim.ready()
  if (url === undefined) throw new Error(`Freshet did not start:\n${victim.stderr}`)
  const producers = new Producers(seed, `faults-${seed}`, PAUSE_MS_MAX)
  const watch = new LedgerWatch()
  await using following = watch.follow(url)
  await using progress = new Progress(url)
  producers.postTo(url)
  await sleep(WARM_UP_MS)
  const before = await usageOf(victim.pid)
  await using memory = new MemoryWatch(victim.pid)
  const died = victim.ended.then(({ code, signal }) => {
    throw new Error(`Freshet ended by itself (${code ?? signal}):\n${victim.stderr}`)
  })
  died.catch(() => {})
  const live = async () => {
    const done = await suffer(servers, random, options)
    const drain = await drained(options, { proxies, progress })
    await producers.reach(EVENTS_MIN)
    await producers.stop()
    await following.settled()
    return { done, drain }
  }
  const { done, drain } = await Promise.race([live(), died])
  const { code } = await victim.stop()
  const { acknowledged } = producers
  return {
    seed,
    faults: done,
    targets: [...proxies.keys()],
    acknowledged: acknowledged.size,
    ...(await audit(servers.tables, acknowledged)),
    ledgers: watch.taken,
    unbalanced: watch.unbalanced,
    drain,
    rss_before_mb: megabytes(before.rss),
    rss_max_mb: megabytes(memory.max),
    exit_code: code,
    seconds: Math.round((performance.now() - began) / 1_000),
  }
}

async function suffer(
  { proxies }: ProxiedServers,
  random: SeededRandom,
  { rounds, faultMsMax = FAULT_MS, faults, onProgress }: FaultRunOptions,
): Promise<Record<string, number>> {
  const targets = [...proxies.keys()]
  const plan = faults ?? planFaults(rounds, random, { targets, msMax: faultMsMax })
  const done: Record<string, number> = {}
  for (const [i, fault] of plan.entries()) {
    const proxy = proxies.get(fault.target)
    if (proxy === undefined) throw new Error(`there is no proxy in front of ${fault.target}`)
    await begin(fault, proxy)
    await sleep(fault.ms)
    await proxy.heal()
    const name = `${fault.target} ${fault.name}`
    done[name] = (done[name] ?? 0) + 1
    onProgress?.(fault, i + 1)
    await sleep(random.below(1_000))
  }
  return done
}

async function drained(
  { outageMs = 0 }: FaultRunOptions,
  { proxies, progress }: { proxies: ProxiedServers['proxies']; progress: Progress },
): Promise<Drain | undefined> {
  const proxy = proxies.get('tables')
  if (outageMs === 0 || proxy === undefined) return undefined
  return measureDrain({ proxy, progress, outageMs })
}

function megabytes(bytes: number): number {
  return Math.round(bytes / 1e6)
}
