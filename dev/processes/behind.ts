import type { Log, PartitionBounds } from '#engines/log/port.ts'

interface Group {
  readonly group: string
  readonly topics: readonly string[]
}

/** The partitions that the group has not yet committed up to the given end. */
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
