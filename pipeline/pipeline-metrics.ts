import { Counter, Histogram, type Registry } from 'prom-client'
import type { ClassifiedEvent } from './processor.ts'

/** What a group of processors counts, per batch and not per event. */
export class PipelineMetrics {
  readonly #group: string
  readonly #records: Counter<'group' | 'topic' | 'outcome'>
  readonly #batchSeconds: Histogram<'group' | 'topic'>
  readonly #freshnessSeconds: Histogram<'group'>

  constructor(registry: Registry, group: string) {
    this.#group = group
    this.#records = once(registry, 'freshet_pipeline_records_total', (name) => {
      return new Counter({
        name,
        help: 'Records processed, by outcome: stored, duplicate and late (stored too), dead_lettered.',
        labelNames: ['group', 'topic', 'outcome'],
        registers: [registry],
      })
    })
    this.#batchSeconds = once(registry, 'freshet_pipeline_batch_seconds', (name) => {
      return new Histogram({
        name,
        help: 'From taking a batch to its commit.',
        labelNames: ['group', 'topic'],
        buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
        registers: [registry],
      })
    })
    this.#freshnessSeconds = once(registry, 'freshet_pipeline_freshness_seconds', (name) => {
      return new Histogram({
        name,
        help: 'Age of the oldest event of a write of panes when it became visible.',
        labelNames: ['group'],
        buckets: [0.1, 0.25, 0.5, 0.75, 1, 1.5, 2, 3, 5, 10, 30],
        registers: [registry],
      })
    })
  }

  observeBatch(
    topic: string,
    {
      events,
      dead,
      seconds,
    }: { events: readonly ClassifiedEvent[]; dead: number; seconds: number },
  ): void {
    const group = this.#group
    let duplicates = 0
    let late = 0
    for (const { dup, late: isLate } of events) {
      if (dup) duplicates += 1
      if (isLate) late += 1
    }
    this.#records.inc({ group, topic, outcome: 'stored' }, events.length)
    this.#records.inc({ group, topic, outcome: 'duplicate' }, duplicates)
    this.#records.inc({ group, topic, outcome: 'late' }, late)
    this.#records.inc({ group, topic, outcome: 'dead_lettered' }, dead)
    this.#batchSeconds.observe({ group, topic }, seconds)
  }

  observeFreshness(ageMs: number): void {
    this.#freshnessSeconds.observe({ group: this.#group }, ageMs / 1_000)
  }
}

/** Several groups of one process share a registry, and with it the metrics. */
function once<M>(registry: Registry, name: string, make: (name: string) => M): M {
  return (registry.getSingleMetric(name) as M | undefined) ?? make(name)
}
