import type { DashboardSpec } from './dashboard.ts'
import { stat, timeSeries } from './panel.ts'
import { expression, PROMETHEUS, percentiles } from './prometheus-target.ts'

const RATE = '[$__rate_interval]'

/** Is every record accounted for, how late is it all, and which process is short of what. */
export const PIPELINE: DashboardSpec = {
  uid: 'freshet-pipeline',
  title: 'Freshet: pipeline',
  description: 'Events in, through the log, into tables: the books, the delay, the processes.',
  tags: ['freshet'],
  datasource: PROMETHEUS,
  variables: [],
  from: 'now-1h',
  rows: [
    {
      id: 1,
      title: 'The books',
      panels: [
        stat({
          id: 2,
          title: 'Unbalanced ledgers',
          description:
            'Processes whose ledger does not add up: a record is missing or stored twice.',
          unit: 'short',
          width: 4,
          thresholds: { warn: 1, act: 1 },
          targets: [expression('count(freshet_ledger_balanced == 0) or vector(0)', 'unbalanced')],
        }),
        stat({
          id: 3,
          title: 'Pending',
          description: 'Accepted by the log, not yet in the tables.',
          unit: 'short',
          width: 4,
          thresholds: { warn: 50_000, act: 500_000 },
          targets: [expression('max(freshet_ledger_records{state="pending"})', 'pending')],
        }),
        stat({
          id: 4,
          title: 'Stored',
          description: 'Records in the tables, each once.',
          unit: 'short',
          width: 4,
          targets: [expression('max(freshet_ledger_records{state="stored"})', 'stored')],
        }),
        stat({
          id: 5,
          title: 'Dead letters',
          description:
            'Records that could not be read or processed; the table dead_letters has them.',
          unit: 'short',
          width: 4,
          thresholds: { warn: 1, act: 1_000 },
          targets: [
            expression('max(freshet_ledger_records{state="dead_lettered"})', 'dead letters'),
          ],
        }),
        stat({
          id: 6,
          title: 'Processes down',
          description: 'Targets that Prometheus knows and cannot read.',
          unit: 'short',
          width: 4,
          thresholds: { warn: 1, act: 1 },
          targets: [expression('count(up{job="freshet"} == 0) or vector(0)', 'down')],
        }),
        stat({
          id: 7,
          title: 'Watching live',
          description: 'Connections to the live stream.',
          unit: 'short',
          width: 4,
          targets: [expression('sum(freshet_live_listeners)', 'listeners')],
        }),
        timeSeries({
          id: 8,
          title: 'Pending records',
          description: 'Grows for minutes: tables slow or stopped, or too few processors.',
          unit: 'short',
          width: 12,
          targets: [expression('max(freshet_ledger_records{state="pending"})', 'pending')],
        }),
        timeSeries({
          id: 9,
          title: 'Freshness of trends',
          description:
            'Age of the oldest event of a write of panes when it became visible: what a person waits for.',
          unit: 's',
          width: 12,
          targets: percentiles('freshet_pipeline_freshness_seconds'),
        }),
      ],
    },
    {
      id: 10,
      title: 'Events in',
      panels: [
        timeSeries({
          id: 11,
          title: 'Events by outcome',
          description: 'Accepted means durable; the other names are the codes of rejections.',
          unit: 'eps',
          width: 8,
          stacked: true,
          targets: [
            expression(
              `sum by (outcome) (rate(freshet_ingest_events_total${RATE}))`,
              '{{outcome}}',
            ),
          ],
        }),
        timeSeries({
          id: 12,
          title: 'Time to the answer',
          description: 'From the first byte of a request until 202, when its events are durable.',
          unit: 's',
          width: 8,
          targets: percentiles('freshet_ingest_request_seconds'),
        }),
        timeSeries({
          id: 13,
          title: 'Bytes in, and room left',
          description: 'At no room left, requests are answered with 503 and Retry-After.',
          unit: 'bytes',
          width: 8,
          targets: [
            expression(`sum(rate(freshet_ingest_bytes_total${RATE}))`, 'bytes per second'),
            expression('min(freshet_ingest_free_bytes)', 'room left', 'B'),
          ],
        }),
        timeSeries({
          id: 14,
          title: 'Outbox rows by outcome',
          description:
            "Rows of a service's outbox that became events, or the code they were rejected with.",
          unit: 'eps',
          width: 12,
          stacked: true,
          targets: [
            expression(`sum by (outcome) (rate(freshet_outbox_rows_total${RATE}))`, '{{outcome}}'),
          ],
        }),
        timeSeries({
          id: 15,
          title: 'Age of the oldest outbox row not yet read',
          description: 'By its event_time. It grows while nobody reads.',
          unit: 's',
          width: 12,
          targets: [expression('max(freshet_outbox_lag_seconds)', 'age')],
        }),
      ],
    },
    {
      id: 20,
      title: 'Processing',
      panels: [
        timeSeries({
          id: 21,
          title: 'Records stored',
          description: 'By consumer group and topic.',
          unit: 'eps',
          width: 12,
          stacked: true,
          targets: [
            expression(
              `sum by (group, topic) (rate(freshet_pipeline_records_total{outcome="stored"}${RATE}))`,
              '{{group}} {{topic}}',
            ),
          ],
        }),
        timeSeries({
          id: 22,
          title: 'Late, repeated, dead-lettered',
          description:
            'Share of the records of each group: a producer whose clock or retries are off.',
          unit: 'percentunit',
          width: 12,
          targets: [
            expression(
              `sum by (group, outcome) (rate(freshet_pipeline_records_total{outcome!="stored"}${RATE}))
  / on (group) group_left sum by (group) (rate(freshet_pipeline_records_total{outcome=~"stored|dead_lettered"}${RATE}))`,
              '{{group}} {{outcome}}',
            ),
          ],
        }),
        timeSeries({
          id: 23,
          title: 'From taking a batch to its commit (p95)',
          description: 'Above 5 s the tables are the limit, or what lies between.',
          unit: 's',
          width: 12,
          targets: [
            expression(
              `histogram_quantile(0.95, sum by (le, group) (rate(freshet_pipeline_batch_seconds_bucket${RATE})))`,
              '{{group}}',
            ),
          ],
        }),
        timeSeries({
          id: 24,
          title: 'Batches',
          description: 'Each is one insert into the tables.',
          unit: 'ops',
          width: 12,
          targets: [
            expression(
              `sum by (group) (rate(freshet_pipeline_batch_seconds_count${RATE}))`,
              '{{group}}',
            ),
          ],
        }),
      ],
    },
    {
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
          description: 'How long a ready callback waits: above 100 ms a thread is hogged.',
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
          description: 'Share of the time spent in it.',
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
    },
  ],
}
