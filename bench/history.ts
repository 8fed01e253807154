/**
 * Loads a shop's history into a running Freshet and checks its ledger:
 * `npm run bench:history -- EVENTS.csv.gz [CATALOGUE.csv.gz]`.
 *
 * While the history is loaded the demo is there and simulated customers shop, so that all of the history is late. Fails unless the
 * revenue of every day before today is the file's own sum, to the minor unit, and the ledger balances.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readDatasetEvents } from '#datasets/read-dataset-events.ts'
import { toMinorUnits } from '#datasets/to-events.ts'
import { MAIN } from '#dev/processes/freshet-process.ts'
import { Ledger } from '#schemas/http/ledger.ts'
import { RevenueTrend } from '#schemas/http/trends.ts'
import { round } from './path/figures.ts'
import { InstanceProcess } from './path/instance-process.ts'

const CURRENCY = 'GBP'
const DAY_MS = 86_400_000
const POLL_MS = 250

const [events, catalogue] = process.argv.slice(2)
if (events === undefined) throw new Error('name the events: EVENTS.csv.gz [CATALOGUE.csv.gz]')

const expected = await revenueByDay(events)
await using instance = await InstanceProcess.start('--no-demo')
const before = await instance.usage()
const startedAt = performance.now()
const acknowledged = await ingest(instance.url, events, catalogue)
const acknowledgedSeconds = (performance.now() - startedAt) / 1_000
const ledger = await settled(instance.url)
const wrong = await untilRight(instance.url, expected)
const after = await instance.usage()
const result = {
  ...acknowledged,
  days: expected.size,
  days_wrong: wrong,
  revenue_minor: [...expected.values()].reduce((sum, revenue) => sum + revenue, 0),
  balanced: ledger.balanced,
  acknowledged_seconds: round(acknowledgedSeconds, 1),
  right_after_seconds: round((performance.now() - startedAt) / 1_000, 1),
  cpu_seconds: round(after.cpuSeconds - before.cpuSeconds, 1),
  rss_mb: round(after.rss / 1e6),
}
process.stdout.write(`${JSON.stringify(result)}\n`)
if (wrong > 0 || !ledger.balanced) process.exitCode = 1

/** What the file itself says, by UTC day. */
async function revenueByDay(file: string): Promise<ReadonlyMap<string, number>> {
  const days = new Map<string, number>()
  for await (const { type, ts, price, quantity } of readDatasetEvents([file])) {
    if (type !== 'purchase') continue
    const day = new Date(ts).toISOString().slice(0, 10)
    const revenue = (toMinorUnits(price ?? '0', CURRENCY) ?? 0) * (quantity ?? 1)
    days.set(day, (days.get(day) ?? 0) + revenue)
  }
  return days
}

/** Through the command, as its users do. */
async function ingest(url: string, file: string, products: string | undefined) {
  const options = ['--url', url, '--currency', CURRENCY, '--json']
  if (products !== undefined) options.push('--catalogue', products)
  const child = spawn(process.execPath, [MAIN, 'ingest', file, ...options], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let output = ''
  child.stdout.on('data', (chunk: Buffer) => {
    output += chunk.toString()
  })
  const [code] = (await once(child, 'exit')) as [number | null]
  if (code !== 0) throw new Error(`freshet ingest ended with ${code}`)
  const { events: sent, orders } = JSON.parse(output) as { events: number; orders: number }
  return { events: sent, orders }
}

async function settled(url: string): Promise<Ledger> {
  for (;;) {
    const ledger = Ledger.parse(await (await fetch(`${url}/v1/ledger`)).json())
    // The simulated customers never stop: a little is always on its way.
    if (ledger.pending < 100) return ledger
    await new Promise((resolve) => setTimeout(resolve, POLL_MS))
  }
}

/** How many days differ at last: closed minutes are counted again within seconds. */
async function untilRight(url: string, days: ReadonlyMap<string, number>): Promise<number> {
  const sorted = [...days.keys()].sort()
  const from = `${sorted[0]}T00:00:00Z`
  const to = new Date(Date.parse(`${sorted.at(-1)}T00:00:00Z`) + DAY_MS).toISOString()
  const query = new URLSearchParams({ interval: '1d', from, to, currency: CURRENCY })
  let wrong = days.size
  for (let attempt = 0; attempt < 40 && wrong > 0; attempt++) {
    if (attempt > 0) await new Promise((resolve) => setTimeout(resolve, POLL_MS))
    const { points } = RevenueTrend.parse(
      await (await fetch(`${url}/v1/trends/revenue?${query.toString()}`)).json(),
    )
    wrong = points.filter(
      ({ time, revenue_minor }) => revenue_minor !== (days.get(time.slice(0, 10)) ?? 0),
    ).length
  }
  return wrong
}
