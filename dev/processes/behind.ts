import type { Log, PartitionBounds } from '#engines/log/port.ts'

interface Group {
  readonly group: string
  readonly topics: readonly string[]
}

/** Those of the partitions whose end, as it stood then, the group has not committed yet. */
export async function behind(
  log: Pick<Log, 'committed'>,
  { group, topics }: Group,
  bounds: readonly PartitionBounds[],
): Promise<readonly PartitionBounds[]> {
  const commits = await log.committed(group, topics)
  return bounds.filter(({ topic, partition, end }) => {
    const commit = commits.find((c) => c.topic === topic && c.partition === partition)
    return (commit?.offset ?? 0) < end
  })
}
