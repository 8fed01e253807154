import type { Log } from '#engines/log/port.ts'

/** Where the partitions of topics ended at some moment, by topic and partition number. */
export type LogEnds = Readonly<Record<string, readonly number[]>>

export async function logEnds(
  log: Pick<Log, 'bounds'>,
  topics: readonly string[],
): Promise<LogEnds> {
  const ends: Record<string, number[]> = {}
  if (topics.length === 0) return ends
  for (const { topic, partition, end } of await log.bounds(topics)) {
    ends[topic] ??= []
    ends[topic][partition] = end
  }
  return ends
}
