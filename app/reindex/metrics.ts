import { Gauge, type Registry } from 'prom-client'
import { REINDEX_OUTCOMES, readLastRun } from './last-run.ts'

interface ReindexMetricsOptions {
  readonly metrics: Registry
  readonly dataFolder: string
  readonly nextRun: () => Date | undefined
}

/** What the data folder knows of the last run, read at each scrape: restarts and runs of the command line included. */
export function registerReindexMetrics({
  metrics,
  dataFolder,
  nextRun,
}: ReindexMetricsOptions): void {
  const registers = [metrics]
  new Gauge({
    name: 'freshet_reindex_last_success_timestamp_seconds',
    help: 'When a reindex was last verified and served, Unix time; 0 when none is known.',
    registers,
    async collect() {
      const at = (await readLastRun(dataFolder))?.last_success_at
      this.set(at === undefined ? 0 : seconds(new Date(at)))
    },
  })
  new Gauge({
    name: 'freshet_reindex_last_run_seconds',
    help: 'How long the last reindex took, whatever it came to; 0 when none is known.',
    registers,
    async collect() {
      this.set((await readLastRun(dataFolder))?.seconds ?? 0)
    },
  })
  new Gauge({
    name: 'freshet_reindex_last_run_outcome',
    help: '1 for what the last reindex came to, 0 for the rest: served, not_served, failed, stopped.',
    labelNames: ['outcome'],
    registers,
    async collect() {
      const last = (await readLastRun(dataFolder))?.outcome
      for (const outcome of REINDEX_OUTCOMES) this.set({ outcome }, outcome === last ? 1 : 0)
    },
  })
  new Gauge({
    name: 'freshet_reindex_next_run_timestamp_seconds',
    help: 'When the next reindex is due, Unix time.',
    registers,
    collect() {
      const next = nextRun()
      this.set(next === undefined ? Number.NaN : seconds(next))
    },
  })
}

function seconds(time: Date): number {
  return time.getTime() / 1_000
}
