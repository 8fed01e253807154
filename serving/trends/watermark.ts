import type { Tables } from '#engines/tables/port.ts'
import type { TopicName } from '#schemas/topics.ts'

/**
 * Event time (UTC milliseconds) up to which results from these topics are considered complete: the minimum over
 * the partitions that are not idle, or the maximum when all are. Undefined before the first event.
 */
export async function watermarkOf(
  tables: Tables,
  topics: readonly TopicName[],
): Promise<number | undefined> {
  const [row] = await tables.query<{ partitions: number; complete_to: string }>(
    `SELECT toUInt32(count()) AS partitions,
      toUnixTimestamp64Milli(if(countIf(NOT idle) > 0, minIf(watermark, NOT idle), max(watermark))) AS complete_to
    FROM watermarks FINAL
    WHERE has({topics:Array(String)}, _topic) AND toUnixTimestamp64Milli(watermark) > 0`,
    { parameters: { topics } },
  )
  return row === undefined || row.partitions === 0 ? undefined : Number(row.complete_to)
}
