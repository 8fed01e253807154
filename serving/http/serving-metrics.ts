import { Gauge, type Registry } from 'prom-client'
import type { Ledger } from '#schemas/http/ledger.ts'

interface MetricSources {
  readonly metrics: Registry
  readonly ledger: () => Promise<Ledger>
  readonly listeners: () => number
}

/**
 * What an operator alerts on: an unbalanced ledger first of all. Read when scraped; while an engine does not answer, the
 * figures of the ledger are NaN, and everything else is still reported.
 */
export function registerServingMetrics({ metrics, ledger, listeners }: MetricSources): void {
  new Gauge({
    name: 'freshet_ledger_records',
    help: 'What became of every record: stored, dead_lettered or pending.',
    labelNames: ['state'],
    registers: [metrics],
    async collect() {
      const taken = await ledger().catch(() => undefined)
      this.set({ state: 'stored' }, taken?.stored ?? Number.NaN)
      this.set({ state: 'dead_lettered' }, taken?.dead_lettered ?? Number.NaN)
      this.set({ state: 'pending' }, taken?.pending ?? Number.NaN)
    },
  })
  new Gauge({
    name: 'freshet_ledger_balanced',
    help: '1 when every record is accounted for exactly once, 0 when one is missing or doubled.',
    registers: [metrics],
    async collect() {
      const taken = await ledger().catch(() => undefined)
      this.set(taken === undefined ? Number.NaN : Number(taken.balanced))
    },
  })
  new Gauge({
    name: 'freshet_live_listeners',
    help: 'Connections to the live stream.',
    registers: [metrics],
    collect() {
      this.set(listeners())
    },
  })
}
