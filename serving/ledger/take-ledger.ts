import type { Log, PartitionBounds } from '#engines/log/port.ts'
import type { QueryParameter, Tables } from '#engines/tables/port.ts'
import type { Ledger } from '#schemas/http/ledger.ts'
import { TOPIC_NAMES } from '#schemas/topics.ts'
import { balance, type PartitionCounts } from './balance.ts'

interface LedgerSources {
  readonly log: Log
  readonly tables: Tables
  /** The group whose commits say that a record was processed. */
  readonly archiveGroup: string
}

/**
 * Counts what became of every record, so that a loss or a double shows as an imbalance and nothing else can: the
 * positions that are committed are read first, then the rows *below* them, then the end of the log. A record below a
 * committed position was stored or dead-lettered before that commit, whatever arrives in between.
 */
export async function takeLedger(
  { log, tables, archiveGroup }: LedgerSources,
  now: number,
): Promise<Ledger> {
  const kept = await log.bounds(TOPIC_NAMES)
  const commits = await log.committed(archiveGroup, TOPIC_NAMES)
  const committed = new Map(commits.map((commit) => [nameOf(commit), commit.offset]))
  const processed = kept.map((bounds) => ({
    ...bounds,
    end: Math.max(bounds.first, committed.get(nameOf(bounds)) ?? bounds.first),
  }))
  const stored = await countRows(tables, processed, 'raw_events')
  const deadLettered = await countRows(tables, processed, 'dead_letters FINAL')
  const flags = await countFlags(tables)
  const ends = new Map(
    (await log.bounds(TOPIC_NAMES)).map((bounds) => [nameOf(bounds), bounds.end]),
  )
  const counts = processed.map((span): PartitionCounts => {
    const name = nameOf(span)
    return {
      topic: span.topic,
      partition: span.partition,
      first: span.first,
      committed: span.end,
      end: ends.get(name) ?? span.end,
      stored: stored.get(name) ?? 0,
      dead_lettered: deadLettered.get(name) ?? 0,
    }
  })
  return { ...balance(counts), ...flags, as_of: new Date(now).toISOString() }
}

/**
 * How many rows stand for a record in `[first, end)` of each partition. One range of the primary key at a time: the
 * engine then counts from its index, whatever the size of the table.
 */
async function countRows(
  tables: Tables,
  spans: readonly PartitionBounds[],
  source: 'raw_events' | 'dead_letters FINAL',
): Promise<ReadonlyMap<string, number>> {
  const parameters: Record<string, QueryParameter> = {}
  const counts = spans.map(({ topic, partition, first, end }, index) => {
    parameters[`topic_${index}`] = topic
    parameters[`partition_${index}`] = partition
    parameters[`first_${index}`] = first
    parameters[`end_${index}`] = end
    return `SELECT ${index} AS span, count() AS counted FROM ${source}
      WHERE _topic = {topic_${index}:String} AND _partition = {partition_${index}:UInt16}
        AND _offset >= {first_${index}:UInt64} AND _offset < {end_${index}:UInt64}`
  })
  const rows = await tables.query<{ span: number; counted: string }>(counts.join(' UNION ALL '), {
    parameters,
  })
  return new Map(
    rows.map((row) => {
      const span = spans[row.span]
      if (span === undefined) throw new TypeError(`no span ${row.span} was asked for`)
      return [nameOf(span), Number(row.counted)]
    }),
  )
}

async function countFlags(tables: Tables): Promise<Pick<Ledger, 'duplicates' | 'late'>> {
  const [row] = await tables.query<{ duplicates: string; late_rows: string }>(
    'SELECT sum(dup) AS duplicates, sum(late) AS late_rows FROM raw_events',
  )
  return { duplicates: Number(row?.duplicates ?? 0), late: Number(row?.late_rows ?? 0) }
}

function nameOf({ topic, partition }: { topic: string; partition: number }): string {
  return `${topic}/${partition}`
}
