import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Engines } from '#app/engines/engines.ts'
import { behind } from '#dev/processes/behind.ts'
import { usageOf } from '#dev/processes/freshet-process.ts'
import type { OwnServers } from '#dev/processes/own-servers.ts'
import type { EventCodec } from '#pipeline/event-codec.ts'
import type { Delivery } from '#pipeline/exactly-once-store.ts'
import { FACTS } from '#processors/topologies.ts'
import { round } from '../path/figures.ts'
import { recordBatches, shopTraffic } from '../path/shop-traffic.ts'
import { Processor } from './processor.ts'

const POLL_MS = 50

/** A cluster without processors: servers, topics, tables. */
export interface Bed {
  readonly folder: string
  readonly own: OwnServers
  readonly environment: Readonly<Record<string, string>>
  readonly engines: Engines<'log' | 'tables'>
  readonly codec: EventCodec
}

export interface Drain {
  readonly processes: number
  readonly events_per_second: number
  readonly events_per_cpu_second: number
  /** CPU seconds of each side for a million events. */
  readonly cpu_per_million: Readonly<Record<'processors' | 'broker' | 'tables', number>>
  readonly rss_mb: number
}

/** Fills the log while nobody reads it, then lets so many processors store and count all of it. */
export async function drain(
  bed: Bed,
  { events, processes, delivery }: { events: number; processes: number; delivery: Delivery },
): Promise<Drain> {
  const { engines, own, environment, folder } = bed
  for (const batch of recordBatches(shopTraffic(events), bed.codec, 5_000)) {
    await engines.log.append(batch)
  }
  await using stack = new AsyncDisposableStack()
  const processors: Processor[] = []
  for (let i = 0; i < processes; i++) {
    const data = join(folder, `processor-${i}`)
    processors.push(stack.use(await Processor.open({ data, delivery, environment })))
  }
  const cpu = async () => ({
    processors: sum(await Promise.all(processors.map((each) => each.cpuSeconds()))),
    broker: await cpuOf(own.servers.kafka.processes),
    tables: await cpuOf(own.servers.clickhouse.processes),
  })
  const before = await cpu()
  const startedAt = performance.now()
  for (const processor of processors) processor.begin()
  await caughtUp(engines)
  const seconds = (performance.now() - startedAt) / 1_000
  const after = await cpu()
  const usage = await Promise.all(processors.map((each) => each.usage()))
  const perMillion = (side: keyof typeof after) =>
    round(((after[side] - before[side]) / events) * 1e6, 1)
  return {
    processes,
    events_per_second: round(events / seconds),
    events_per_cpu_second: round(events / (after.processors - before.processors)),
    cpu_per_million: {
      processors: perMillion('processors'),
      broker: perMillion('broker'),
      tables: perMillion('tables'),
    },
    rss_mb: round(sum(usage.map(({ rss }) => rss)) / processes / 1e6),
  }
}

/** Resolves when everything that is in the log now is processed. */
export async function caughtUp({ log }: Pick<Engines, 'log'>): Promise<void> {
  const bounds = await log.bounds(FACTS.topics)
  while ((await behind(log, FACTS, bounds)).length > 0) await sleep(POLL_MS)
}

async function cpuOf(processes: readonly { readonly pid: number }[]): Promise<number> {
  const usage = await Promise.all(processes.map(({ pid }) => usageOf(pid)))
  return sum(usage.map(({ cpuSeconds }) => cpuSeconds))
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0)
}
