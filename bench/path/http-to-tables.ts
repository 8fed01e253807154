import { systemClock } from '#engines/clock/system-clock.ts'
import { EventClient } from '#ingest/client/event-client.ts'
import { Ledger } from '#schemas/http/ledger.ts'
import { round } from './figures.ts'
import { InstanceProcess } from './instance-process.ts'
import { shopTraffic } from './shop-traffic.ts'

const BATCH = 500
const CONNECTIONS = 4

/** Batches posted over HTTP until all are stored and counted; the recommender learns them too. CPU of Freshet only. */
export async function measureHttp({ events }: { readonly events: number }) {
  await using instance = await InstanceProcess.start('--no-demo', '--no-simulator')
  const client = new EventClient({ url: instance.url, clock: systemClock, gzip: false })
  const traffic = [...shopTraffic(events)]
  const before = await instance.usage()
  const startedAt = performance.now()
  let next = 0
  const post = async () => {
    while (next < traffic.length) {
      const batch = traffic.slice(next, next + BATCH)
      next += BATCH
      await client.send(batch)
    }
  }
  await Promise.all(Array.from({ length: CONNECTIONS }, post))
  const acknowledgedSeconds = (performance.now() - startedAt) / 1_000
  const ledger = await untilStored(instance.url)
  const storedSeconds = (performance.now() - startedAt) / 1_000
  const after = await instance.usage()
  return {
    acknowledged_events_per_second: round(events / acknowledgedSeconds),
    stored_events_per_second: round(events / storedSeconds),
    stored_events_per_cpu_second: round(events / (after.cpuSeconds - before.cpuSeconds)),
    lost: events - ledger.stored,
    rss_mb: round(after.rss / 1e6),
  }
}

async function untilStored(url: string): Promise<Ledger> {
  for (;;) {
    const ledger = Ledger.parse(await (await fetch(`${url}/v1/ledger`)).json())
    if (ledger.pending === 0) return ledger
    await systemClock.sleep(50)
  }
}
