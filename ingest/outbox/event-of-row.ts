import type { RawEvent } from '#ingest/collector/split-body.ts'
import type { OutboxRow } from './outbox-table.ts'

/**
 * The event in a row, for the collector to check: its payload, overridden by the columns. A payload is jsonb and so
 * always JSON, but not always an object.
 */
export function eventOfRow(row: OutboxRow, payloadBytesMax: number): RawEvent {
  const { id, type, event_time, payload, payload_bytes: bytes } = row
  if (payload === null && Number(bytes) > payloadBytesMax) {
    const message = `the payload has ${bytes} bytes of JSON, more than payloadBytesMax = ${payloadBytesMax}`
    return { fault: { code: 'event_too_large', pointer: '', message } }
  }
  const fields: unknown = JSON.parse(payload ?? 'null')
  if (typeof fields !== 'object' || fields === null || Array.isArray(fields))
    return { fault: { code: 'not_an_object', pointer: '', message: 'the payload is no object' } }
  const time = event_time === null ? {} : { event_time: rfc3339(event_time) }
  return { value: { ...fields, type, event_id: id, ...time } }
}

/** `2026-01-31 09:30:00.25+00` of a session in UTC; other values (infinity, years BC) are left for the check. */
function rfc3339(timestamptz: string): string {
  return timestamptz.replace(' ', 'T').replace(/\+00$/, 'Z')
}
