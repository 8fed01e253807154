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
  const stored = await storedRows(tables, processed)
  const deadLettered = await deadLetters(tables, processed)
  const ends = new Map(
    (await log.bounds(TOPIC_NAMES)).map((bounds) => [nameOf(bounds), bounds.end]),
  )
  const counts = processed.map((span): PartitionCounts => {
    const name = nameOf(span)
    const rows = stored.get(name)
    return {
      topic: span.topic,
      partition: span.partition,
      first: span.first,
      committed: span.end,
      end: ends.get(name) ?? span.end,
      stored: rows?.stored ?? 0,
      dead_lettered: deadLettered.get(name)?.stored ?? 0,
      duplicates: rows?.duplicates ?? 0,
      late: rows?.late ?? 0,
    }
  })
  return balance(counts, now)
}

interface RowCounts {
  readonly stored: number
  readonly duplicates: number
  readonly late: number
}

function storedRows(tables: Tables, spans: readonly PartitionBounds[]) {
  return countRows(tables, spans, 'raw_events', 'sum(dup) AS duplicates, sum(late) AS late')
}

function deadLetters(tables: Tables, spans: readonly PartitionBounds[]) {
  return countRows(tables, spans, 'dead_letters FINAL', '0 AS duplicates, 0 AS late')
}

async function countRows(
  tables: Tables,
  spans: readonly PartitionBounds[],
  source: string,
  sums: string,
): Promise<ReadonlyMap<string, RowCounts>> {
  const { condition, parameters } = within(spans)
  const rows = await tables.query<{
    [Column in keyof RowCounts | '_topic' | '_partition']: string
  }>(
    `SELECT _topic, _partition, count() AS stored, ${sums} FROM ${source} WHERE ${condition} GROUP BY _topic, _partition`,
    { parameters },
  )
  return new Map(
    rows.map((row) => [
      nameOf({ topic: row._topic, partition: Number(row._partition) }),
      { stored: Number(row.stored), duplicates: Number(row.duplicates), late: Number(row.late) },
    ]),
  )
}

/** The rows whose record lies in `[first, end)` of its partition. */
function within(spans: readonly PartitionBounds[]) {
  const parameters: Record<string, QueryParameter> = {}
  const terms = spans.map(({ topic, partition, first, end }, index) => {
    parameters[`topic_${index}`] = topic
    parameters[`partition_${index}`] = partition
    parameters[`first_${index}`] = first
    parameters[`end_${index}`] = end
    return `(_topic = {topic_${index}:String} AND _partition = {partition_${index}:UInt16}
      AND _offset >= {first_${index}:UInt64} AND _offset < {end_${index}:UInt64})`
  })
  return { condition: terms.join(' OR '), parameters }
}

function nameOf({ topic, partition }: { topic: string; partition: number }): string {
  return `${topic}/${partition}`
}
