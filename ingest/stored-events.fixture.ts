import type { Lease, Log } from '#engines/log/port.ts'
import type { EventCodec } from '#pipeline/event-codec.ts'
import type { CommerceEvent } from '#schemas/events.ts'
import { TOPIC_NAMES } from '#schemas/topics.ts'

/** Every event in the log, by topic, partition and offset. For tests. */
export async function storedEvents(log: Log, codec: EventCodec): Promise<readonly CommerceEvent[]> {
  const bounds = await log.bounds(TOPIC_NAMES)
  const events: CommerceEvent[] = []
  let left = bounds.length
  const { promise: read, resolve } = Promise.withResolvers<void>()
  const work = async (lease: Lease) => {
    const end = bounds.find(
      ({ topic, partition }) => topic === lease.topic && partition === lease.partition,
    )?.end
    for (let offset = lease.committed.offset; end !== undefined && offset < end; ) {
      const limits = { maxRecords: 10_000, maxBytes: 1e8, waitMs: 0 }
      for (const record of await lease.fetch(offset, limits)) {
        const decoded = codec.decode(record.value)
        if (decoded.kind === 'event') events.push(decoded.event)
        offset = record.offset + 1
      }
    }
    left -= 1
    if (left === 0) resolve()
  }
  await using membership = await log.join({ group: null, topics: TOPIC_NAMES, work })
  await Promise.race([read, membership.failed])
  return events
}
