import type { NewRecord } from '#engines/log/port.ts'
import type { EncodedEvents } from '#ingest/collector/collector.ts'

/** A record and the event_id in it, by which it can be found in the log. */
export interface IdentifiedRecord {
  readonly id: string
  readonly record: NewRecord
}

/** The records with their ids; `ids` are those of all events that were to be encoded, rejected ones included. */
export function identifiedRecords(
  { records, rejected }: EncodedEvents,
  ids: readonly string[],
): readonly IdentifiedRecord[] {
  const faulty = new Set(rejected.map(({ index }) => index))
  const accepted = ids.filter((_, index) => !faulty.has(index))
  return records.map((record, i) => {
    const id = accepted[i]
    if (id === undefined) throw new TypeError(`${records.length} records, but fewer ids`)
    return { id, record }
  })
}
