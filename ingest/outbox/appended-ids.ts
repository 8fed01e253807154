import type { FetchLimits, Lease, Log } from '#engines/log/port.ts'
import type { EventCodec } from '#pipeline/event-codec.ts'
import type { LogEnds } from './log-ends.ts'

/** Records below the end of the log that do not come within this time were compacted away. */
const FETCH: FetchLimits = { maxRecords: 10_000, maxBytes: 8 * 1024 * 1024, waitMs: 5_000 }

interface Range {
  readonly from: number
  readonly to: number
}

export interface SearchedLog {
  readonly log: Pick<Log, 'bounds' | 'join'>
  readonly codec: EventCodec
}

/**
 * Which of these events are in the log, at or beyond `since`. Reads everything appended since then.
 * @throws EngineError of the log; the signal's reason
 */
export async function appendedIds(
  ids: ReadonlySet<string>,
  since: LogEnds,
  { log, codec }: SearchedLog,
  signal: AbortSignal,
): Promise<ReadonlySet<string>> {
  const ranges = await rangesSince(since, log)
  const found = new Set<string>()
  if (ranges.size === 0) return found
  const { promise: searched, resolve } = Promise.withResolvers<void>()
  const work = async (lease: Lease) => {
    const key = keyOf(lease.topic, lease.partition)
    const range = ranges.get(key)
    if (range === undefined) return
    for await (const value of values(lease, range, signal)) {
      const decoded = codec.decode(value)
      if (decoded.kind === 'event' && ids.has(decoded.event.event_id))
        found.add(decoded.event.event_id)
    }
    ranges.delete(key)
    if (ranges.size === 0) resolve()
  }
  const topics = Object.keys(since)
  await using membership = await log.join({ group: null, topics, work })
  await Promise.race([searched, membership.failed])
  return found
}

async function rangesSince(since: LogEnds, log: Pick<Log, 'bounds'>): Promise<Map<string, Range>> {
  const ranges = new Map<string, Range>()
  const topics = Object.keys(since)
  if (topics.length === 0) return ranges
  for (const { topic, partition, first, end: to } of await log.bounds(topics)) {
    // A partition that was added since then is searched from its start.
    const from = Math.max(first, since[topic]?.[partition] ?? 0)
    if (from < to) ranges.set(keyOf(topic, partition), { from, to })
  }
  return ranges
}

async function* values(
  lease: Lease,
  { from, to }: Range,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array | null> {
  for (let offset = from; offset < to; ) {
    signal.throwIfAborted()
    const records = await lease.fetch(offset, FETCH, signal)
    for (const { value } of records) yield value
    offset = (records.at(-1)?.offset ?? to) + 1
  }
}

function keyOf(topic: string, partition: number): string {
  return `${topic}/${partition}`
}
