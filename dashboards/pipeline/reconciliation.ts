import type { Row } from '../dashboard.ts'
import { stat, timeSeries } from '../panel.ts'
import { expression, percentiles } from '../prometheus-target.ts'

/** Is every record accounted for, and how fresh is what people see. */
export const RECONCILIATION: Row = {
  id: 1,
  title: 'Reconciliation',
  panels: [
    stat({
      id: 2,
      title: 'Unbalanced ledgers',
      description: 'Processes whose ledger does not add up: a record is missing or stored twice.',
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
      description: 'Records that could not be read or processed; the table dead_letters has them.',
      unit: 'short',
      width: 4,
      thresholds: { warn: 1, act: 1_000 },
      targets: [expression('max(freshet_ledger_records{state="dead_lettered"})', 'dead letters')],
    }),
    stat({
      id: 6,
      title: 'Processes down',
      description: 'Processes of Freshet that Prometheus knows and cannot read.',
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
      description:
        'When it grows for minutes, tables are slow or stopped, or there are too few processors.',
      unit: 'short',
      width: 12,
      targets: [expression('max(freshet_ledger_records{state="pending"})', 'pending')],
    }),
    timeSeries({
      id: 9,
      title: 'Freshness of trends',
      description:
        'From the arrival of the oldest event of a write until its trend rows can be read. Time before the arrival is not in it.',
      unit: 's',
      width: 12,
      targets: percentiles('freshet_pipeline_freshness_seconds'),
    }),
  ],
}
