import type { Row } from '../dashboard.ts'
import { timeSeries } from '../panel.ts'
import { expression, RATE } from '../prometheus-target.ts'

/** Resource use of each process. */
export const PROCESSES: Row = {
  id: 30,
  title: 'Processes',
  panels: [
    timeSeries({
      id: 31,
      title: 'CPU',
      description: 'Cores used by each process.',
      unit: 'short',
      decimals: 2,
      width: 6,
      targets: [
        expression(
          `sum by (service, instance) (rate(process_cpu_seconds_total{job="freshet"}${RATE}))`,
          '{{service}} {{instance}}',
        ),
      ],
    }),
    timeSeries({
      id: 32,
      title: 'Memory',
      description: 'Resident set of each process.',
      unit: 'bytes',
      width: 6,
      targets: [
        expression(
          'sum by (service, instance) (process_resident_memory_bytes{job="freshet"})',
          '{{service}} {{instance}}',
        ),
      ],
    }),
    timeSeries({
      id: 33,
      title: 'Event loop delay (p99)',
      description:
        'How long a ready callback waits: above 100 ms something blocks the main thread.',
      unit: 's',
      width: 6,
      targets: [
        expression(
          'max by (service, instance) (nodejs_eventloop_lag_p99_seconds{job="freshet"})',
          '{{service}} {{instance}}',
        ),
      ],
    }),
    timeSeries({
      id: 34,
      title: 'Garbage collection',
      description: 'Share of the time spent in garbage collection.',
      unit: 'percentunit',
      width: 6,
      targets: [
        expression(
          `sum by (service, instance) (rate(nodejs_gc_duration_seconds_sum{job="freshet"}${RATE}))`,
          '{{service}} {{instance}}',
        ),
      ],
    }),
  ],
}
