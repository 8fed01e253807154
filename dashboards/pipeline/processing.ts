import type { Row } from '../dashboard.ts'
import { timeSeries } from '../panel.ts'
import { expression, RATE } from '../prometheus-target.ts'

/** From the log into the tables. */
export const PROCESSING: Row = {
  id: 20,
  title: 'Processing',
  panels: [
    timeSeries({
      id: 21,
      title: 'Records processed',
      description:
        'By consumer group and topic. The group of the catalogue reads the topic of products once more.',
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
        'Share of the records of each group. Much of it: a producer whose clock, retries or format is off.',
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
      description:
        'From the first record of a batch. Batches are kept open for STORE_INTERVAL_MS (1 s in one process, 5 s on Kafka); seconds above that say that the tables are the limit, or the way to them.',
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
      description: 'Stored and committed, by consumer group.',
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
}
