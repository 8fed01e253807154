import { Counter, Gauge, Histogram, type Registry } from 'prom-client'
import type { EventsAccepted } from '#schemas/http/events-accepted.ts'
import type { ByteBudget } from './byte-budget.ts'

/** What the collector tells Prometheus. */
export class CollectorMetrics {
  readonly #events: Counter<'outcome'>
  readonly #bytes: Counter
  readonly #seconds: Histogram

  constructor(registry: Registry, budget: ByteBudget) {
    const registers = [registry]
    this.#events = new Counter({
      name: 'freshet_ingest_events_total',
      help: 'Events received over HTTP: accepted (durable), or the code they were rejected with.',
      labelNames: ['outcome'],
      registers,
    })
    this.#bytes = new Counter({
      name: 'freshet_ingest_bytes_total',
      help: 'Bytes of the bodies read, after inflating.',
      registers,
    })
    this.#seconds = new Histogram({
      name: 'freshet_ingest_request_seconds',
      help: 'From the first byte of the request to the answer, whatever it is.',
      buckets: [0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5],
      registers,
    })
    new Gauge({
      name: 'freshet_ingest_free_bytes',
      help: 'What is left of inFlightBytesMax; at 0 requests are answered with 503.',
      registers,
      collect() {
        this.set(budget.free)
      },
    })
  }

  /** Starts the clock of one request; call what it returns at the end. */
  readonly startRequest = (): (() => number) => this.#seconds.startTimer()

  readBytes(bytes: number): void {
    this.#bytes.inc(bytes)
  }

  answered({ accepted, rejected }: EventsAccepted): void {
    this.#events.inc({ outcome: 'accepted' }, accepted)
    for (const { code } of rejected) this.#events.inc({ outcome: code })
  }
}
