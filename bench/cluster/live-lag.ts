import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { FACTS } from '#processors/topologies.ts'
import { OwnershipWatch } from '../../tests/broker/ownership-watch.ts'
import { percentiles, round } from '../path/figures.ts'
import { recordBatches, shopTraffic } from '../path/shop-traffic.ts'
import { type Bed, caughtUp } from './drain.ts'
import { Processor } from './processor.ts'

const BATCHES_PER_SECOND = 10
const SAMPLE_MS = 250

/** How far two processors are behind steady traffic, and how long the partitions of one that is killed stand still. */
export async function measureLag(
  bed: Bed,
  { ratePerSecond, seconds }: { ratePerSecond: number; seconds: number },
) {
  const { folder, environment, engines } = bed
  await using stack = new AsyncDisposableStack()
  const open = async (n: number) => {
    const data = join(folder, `live-${n}`)
    return stack.use(await Processor.open({ data, delivery: 'exactly-once', environment }))
  }
  const [victim, other] = [await open(0), await open(1)]
  victim.begin()
  other.begin()
  const stop = new AbortController()
  const sending = send(bed, ratePerSecond, stop.signal)
  await sleep(5_000)
  const lags: number[] = []
  for (const end = Date.now() + seconds * 1_000; Date.now() < end; await sleep(SAMPLE_MS)) {
    lags.push(await lag(bed))
  }
  let takeOverMs: number
  {
    await using watch = new OwnershipWatch(engines.log)
    victim.kill()
    await sleep(20_000)
    takeOverMs = watch.takeLongest()
  }
  stop.abort()
  await sending
  await caughtUp(engines)
  return {
    rate_per_second: ratePerSecond,
    records_behind: percentiles(lags),
    seconds_behind_p50: round(percentiles(lags).p50 / ratePerSecond, 2),
    take_over_ms: takeOverMs,
  }
}

async function send({ engines, codec }: Bed, rate: number, signal: AbortSignal): Promise<void> {
  const size = Math.round(rate / BATCHES_PER_SECOND)
  for (const batch of recordBatches(shopTraffic(Number.POSITIVE_INFINITY, rate), codec, size)) {
    if (signal.aborted) return
    const next = performance.now() + 1_000 / BATCHES_PER_SECOND
    await engines.log.append(batch)
    await sleep(Math.max(0, next - performance.now()))
  }
}

async function lag({ engines: { log } }: Bed): Promise<number> {
  const commits = await log.committed(FACTS.group, FACTS.topics)
  const bounds = await log.bounds(FACTS.topics)
  return bounds.reduce((behind, { topic, partition, first, end }) => {
    const commit = commits.find((c) => c.topic === topic && c.partition === partition)
    return behind + end - (commit?.offset ?? first)
  }, 0)
}
