/**
 * The throughput of the path from Kafka to ClickHouse, with 1, 2 and 4 processors: `npm run bench:cluster [-- --events 400000 --json]`.
 *
 * Servers of its own: a real broker and registry, the ClickHouse stand-in (chDB behind HTTP). Speed is events per CPU
 * second of the processors; the broker's and the tables' CPU stand apart. All of it shares the cores of one machine, so
 * what several processes do in wall time says little where there are two.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { pino } from 'pino'
import { loadConfig } from '#app/config.ts'
import { openEngines } from '#app/engines/open-engines.ts'
import { PREPARED_ENGINES, prepareEngines } from '#app/prepare-engines.ts'
import { instanceSettings } from '#dev/processes/instance-settings.ts'
import { startOwnServers } from '#dev/processes/own-servers.ts'
import { type Drain, drain } from './cluster/drain.ts'
import { measureLag } from './cluster/live-lag.ts'
import { median, round } from './path/figures.ts'
import { report } from './report.ts'

const BASELINE = new URL('./baselines/cluster.json', import.meta.url)
const PROCESSES = [1, 2, 4]

const { values } = parseArgs({
  options: {
    events: { type: 'string', default: '400000' },
    rounds: { type: 'string', default: '3' },
    rate: { type: 'string', default: '2000' },
    json: { type: 'boolean', default: false },
  },
})
const events = Number(values.events)
const say = (text: string) => process.stderr.write(`${text}\n`)

const folder = await mkdtemp(join(tmpdir(), 'bench-cluster-'))
try {
  const result = await measure()
  if (values.json) process.stdout.write(`${JSON.stringify(result, null, 2)}\n`)
  else for (const line of await report(result, BASELINE)) process.stdout.write(`${line}\n`)
} finally {
  await rm(folder, { recursive: true })
}

async function measure() {
  say('starting servers …')
  await using own = await startOwnServers({ folder: join(folder, 'servers'), wipe: true })
  const environment = instanceSettings(own.servers)
  const config = loadConfig({ data: folder }, environment)
  const logger = pino({ level: 'silent' })
  await using engines = await openEngines(PREPARED_ENGINES, config, logger)
  const codec = await prepareEngines(engines, config)
  const bed = { folder, own, environment, engines, codec }

  const exact: Drain[] = []
  const atLeastOnce: Drain[] = []
  for (let i = 0; i < Number(values.rounds); i++) {
    say(`round ${i + 1}: ${events} events, one processor, exactly once, then at least once …`)
    exact.push(await drain(bed, { events, processes: 1, delivery: 'exactly-once' }))
    atLeastOnce.push(await drain(bed, { events, processes: 1, delivery: 'at-least-once' }))
  }
  const growth: Drain[] = []
  for (const processes of PROCESSES) {
    say(`${processes} processors …`)
    growth.push(await drain(bed, { events, processes, delivery: 'exactly-once' }))
  }
  say(`${values.rate} events/s, two processors, one of them killed …`)
  const live = await measureLag(bed, { ratePerSecond: Number(values.rate), seconds: 15 })
  const speed = (drains: readonly Drain[]) => median(drains.map((d) => d.events_per_cpu_second))
  return {
    node: process.version,
    events,
    exactly_once_events_per_cpu_second: round(speed(exact)),
    at_least_once_events_per_cpu_second: round(speed(atLeastOnce)),
    exactly_once_cost_percent: round((speed(atLeastOnce) / speed(exact) - 1) * 100, 1),
    growth: Object.fromEntries(growth.map((each) => [`${each.processes}_processes`, each])),
    live,
  }
}
