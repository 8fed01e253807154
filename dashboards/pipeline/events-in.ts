import type { Row } from '../dashboard.ts'
import { timeSeries } from '../panel.ts'
import { expression, percentiles, RATE } from '../prometheus-target.ts'

/** What arrives, by HTTP and from outboxes. */
export const EVENTS_IN: Row = {
  id: 10,
  title: 'Events in',
  panels: [
    timeSeries({
      id: 11,
      title: 'Events by outcome',
      description:
        'Over HTTP. Accepted means durable; the other names are the codes of rejections.',
      unit: 'eps',
      width: 8,
      stacked: true,
      targets: [
        expression(`sum by (outcome) (rate(freshet_ingest_events_total${RATE}))`, '{{outcome}}'),
      ],
    }),
    timeSeries({
      id: 12,
      title: 'Time to the answer',
      description:
        'From the first byte of a request to its answer; a 202 means that its events are durable.',
      unit: 's',
      width: 8,
      targets: percentiles('freshet_ingest_request_seconds'),
    }),
    timeSeries({
      id: 13,
      title: 'Bytes in, and room left',
      description:
        'Bodies read, after inflating; and what may still be in work at once. Without room, requests are answered with 503 and Retry-After.',
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
}
