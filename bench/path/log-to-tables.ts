import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { z } from 'zod'
import type { Delivery } from '#pipeline/exactly-once-store.ts'
import { median, round } from './figures.ts'

const CHILD = fileURLToPath(new URL('./log-to-tables-child.ts', import.meta.url))
const Round = z.object({ cpuSeconds: z.number(), wallSeconds: z.number(), rss: z.number() })
const run = promisify(execFile)

/** Every event of a filled log archived and counted by minute, in a process of its own; medians of the rounds. */
export async function measureLog({
  events,
  rounds,
}: {
  readonly events: number
  readonly rounds: number
}) {
  const exact: z.infer<typeof Round>[] = []
  const atLeastOnce: z.infer<typeof Round>[] = []
  for (let i = 0; i < rounds; i++) {
    exact.push(await oneRound(events, 'exactly-once'))
    atLeastOnce.push(await oneRound(events, 'at-least-once'))
  }
  const cpu = median(exact.map((r) => r.cpuSeconds))
  const cost = exact.map((r, i) => r.cpuSeconds / (atLeastOnce[i]?.cpuSeconds ?? Number.NaN) - 1)
  return {
    events_per_cpu_second: round(events / cpu),
    events_per_second: round(events / median(exact.map((r) => r.wallSeconds))),
    at_least_once_events_per_cpu_second: round(
      events / median(atLeastOnce.map((r) => r.cpuSeconds)),
    ),
    exactly_once_cost_percent: round(median(cost) * 100, 1),
    rss_mb: round(median(exact.map((r) => r.rss)) / 1e6),
  }
}

async function oneRound(events: number, delivery: Delivery): Promise<z.infer<typeof Round>> {
  const { stdout } = await run(process.execPath, [CHILD, String(events), delivery])
  return Round.parse(JSON.parse(stdout))
}
