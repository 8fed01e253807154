import { Counter, Gauge, type Registry } from 'prom-client'

/** Prometheus metrics of reading an outbox. */
export class OutboxMetrics {
  readonly #rows: Counter<'outcome'>
  readonly #reading: Gauge
  readonly #lag: Gauge

  constructor(registry: Registry) {
    const registers = [registry]
    this.#rows = new Counter({
      name: 'freshet_outbox_rows_total',
      help: 'Rows passed: appended (durable in the log), or the code they were rejected with.',
      labelNames: ['outcome'],
      registers,
    })
    this.#reading = new Gauge({
      name: 'freshet_outbox_reading',
      help: '1 in the process that reads the outbox, 0 in those that wait to take over.',
      registers,
    })
    this.#lag = new Gauge({
      name: 'freshet_outbox_lag_seconds',
      help: 'Age, by event_time, of the oldest row not yet passed; 0 when there is none.',
      registers,
    })
  }

  moved(appended: number, rejected: readonly { readonly code: string }[]): void {
    this.#rows.inc({ outcome: 'appended' }, appended)
    for (const { code } of rejected) this.#rows.inc({ outcome: code })
  }

  reading(isReading: boolean): void {
    this.#reading.set(isReading ? 1 : 0)
    if (!isReading) this.#lag.set(0)
  }

  lag(ms: number): void {
    this.#lag.set(Math.max(0, ms) / 1_000)
  }
}
