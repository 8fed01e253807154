import type { RawEvent } from '#ingest/collector/split-body.ts'
import type { OutboxRow } from './outbox-table.ts'

/**
 * The event that a row tells of, for the collector to check: its payload, and over it what the columns say. A payload
 * is jsonb and so always JSON; that it is an object is not certain.
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

/** `2026-01-31 09:30:00.25+00` of a session in UTC; what else there is (infinity, years BC) is left for the check. */
function rfc3339(timestamptz: string): string {
  return timestamptz.replace(' ', 'T').replace(/\+00$/, 'Z')
}
