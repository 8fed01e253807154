import { rows, series } from '../clickhouse-target.ts'
import type { Row } from '../dashboard.ts'
import { table, timeSeries } from '../panel.ts'
import { BY_TIME, byTimeAndName } from './sql-parts.ts'

/** Late and repeated events, dead letters and watermarks: how reliable the figures above are. */
export const DATA_QUALITY: Row = {
  id: 30,
  title: 'Data quality',
  panels: [
    timeSeries({
      id: 31,
      title: 'Late and repeated events',
      description:
        'Shares of the events that arrived; 0 where none did. Late ones are counted all the same, seconds later; repeats are not.',
      unit: 'percentunit',
      decimals: 2,
      width: 8,
      interval: '1m',
      targets: [
        series(`SELECT $__timeInterval(received_at) AS time, avg(late) AS late, avg(dup) AS repeated
          FROM events
          WHERE $__timeFilter(received_at)
          ${BY_TIME}`),
      ],
    }),
    timeSeries({
      id: 32,
      title: 'Dead letters',
      description:
        'Records that could not be read or processed, by the stage that gave up and by point of the graph.',
      unit: 'short',
      width: 8,
      interval: '1m',
      targets: [
        series(`SELECT time, stage, records FROM (
            SELECT $__timeInterval(failed_at) AS time, stage, count() AS records
            FROM dead_letters FINAL
            WHERE $__timeFilter(failed_at)
            ${byTimeAndName('stage')}
          )
          ORDER BY time`),
      ],
    }),
    table({
      id: 33,
      title: 'How far processing is',
      description:
        'Age of the watermark of each group, up to which its figures are thought complete: at least 30 s, because it trails the newest event by that. Partitions without new records for 30 s do not count; where that is all of them, the topic is idle.',
      unit: 's',
      width: 8,
      targets: [
        rows(`SELECT "group", _topic AS topic, if(countIf(idle = 0) = 0, 'idle', 'working') AS state,
            if(state = 'idle', 0, dateDiff('second', minIf(watermark, idle = 0), now64(3))) AS behind
          FROM watermarks FINAL
          GROUP BY "group", topic
          ORDER BY behind DESC, topic`),
      ],
    }),
  ],
}
