import { rows, series } from '../clickhouse-target.ts'
import type { Row } from '../dashboard.ts'
import { table, timeSeries } from '../panel.ts'

/** How late, how often and how far: what the figures above rest on. */
export const DATA_QUALITY: Row = {
  id: 30,
  title: 'The data themselves',
  panels: [
    timeSeries({
      id: 31,
      title: 'Late and repeated events',
      description:
        'Shares by the time of arrival. Late ones are counted again; repeats are not counted.',
      unit: 'percentunit',
      decimals: 2,
      width: 8,
      interval: '1m',
      targets: [
        series(`SELECT $__timeInterval(received_at) AS time, avg(late) AS late, avg(dup) AS repeated
          FROM events
          WHERE $__timeFilter(received_at)
          GROUP BY time ORDER BY time`),
      ],
    }),
    timeSeries({
      id: 32,
      title: 'Dead letters',
      description: 'Records that could not be read or processed, by the stage that gave up.',
      unit: 'short',
      width: 8,
      interval: '1m',
      targets: [
        series(`SELECT $__timeInterval(failed_at) AS time, stage, count() AS records
          FROM dead_letters FINAL
          WHERE $__timeFilter(failed_at)
          GROUP BY time, stage ORDER BY time`),
      ],
    }),
    table({
      id: 33,
      title: 'How far processing is',
      description:
        'Seconds by which the watermark of each group stands behind: what is older has been counted.',
      unit: 's',
      width: 8,
      targets: [
        rows(`SELECT "group", _topic AS topic, dateDiff('second', min(watermark), now64(3)) AS behind, countIf(idle = 1) AS idle
          FROM watermarks FINAL
          GROUP BY "group", topic
          ORDER BY behind DESC`),
      ],
    }),
  ],
}
