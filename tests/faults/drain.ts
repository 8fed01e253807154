import { setTimeout as sleep } from 'node:timers/promises'
import type { Progress, Sample } from './progress.ts'
import type { TcpProxy } from './tcp-proxy.ts'

/** How what had gathered during an outage was stored, with the traffic going on. */
export interface Drain {
  readonly outage_ms: number
  /** What had gathered when the tables were there again. */
  readonly backlog: number
  readonly live_events_per_s: number
  /** From the end of the outage until something was stored again. */
  readonly idle_ms: number
  /** From then until nothing waited but what had just come. */
  readonly drain_ms: number
  readonly drain_events_per_s: number
  /** How much faster events were stored than new ones came. */
  readonly ratio: number
}

interface DrainOptions {
  readonly proxy: TcpProxy
  readonly progress: Progress
  readonly outageMs: number
}

const SETTLES_WITHIN_MS = 300_000
/** Batches are stored once a second; what came longer ago than this is a backlog. */
const JUST_MS = 3_000

/** Takes the tables away for a while and watches how the backlog is stored afterwards. */
export async function measureDrain({ proxy, progress, outageMs }: DrainOptions): Promise<Drain> {
  const isCaughtUp = (sample: Sample) =>
    sample.processed >= acceptedBy(progress, sample.at - JUST_MS)
  await progress.until(isCaughtUp, SETTLES_WITHIN_MS)
  await proxy.down()
  const gone = await progress.until(() => true, SETTLES_WITHIN_MS)
  await sleep(outageMs)
  const back = await progress.until(() => true, SETTLES_WITHIN_MS)
  await proxy.heal()
  const moving = await progress.until(
    ({ processed }) => processed > back.processed,
    SETTLES_WITHIN_MS,
  )
  const start = before(progress, moving)
  const end = isCaughtUp(moving) ? moving : await progress.until(isCaughtUp, SETTLES_WITHIN_MS)
  const live = perSecond(end.accepted - gone.accepted, end.at - gone.at)
  const drained = perSecond(end.processed - start.processed, end.at - start.at)
  return {
    outage_ms: outageMs,
    backlog: start.waiting,
    live_events_per_s: live,
    idle_ms: Math.round(start.at - back.at),
    drain_ms: Math.round(end.at - start.at),
    drain_events_per_s: drained,
    ratio: Math.round((drained / live) * 10) / 10,
  }
}

/** What had been accepted at a time. */
function acceptedBy({ samples }: Progress, at: number): number {
  return samples.findLast((sample) => sample.at <= at)?.accepted ?? 0
}

function before({ samples }: Progress, sample: Sample): Sample {
  return samples[samples.indexOf(sample) - 1] ?? sample
}

function perSecond(count: number, ms: number): number {
  return Math.round((count * 1_000) / ms)
}
