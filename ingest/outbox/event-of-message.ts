import { isUtf8 } from 'node:buffer'
import type { LogRecord } from '#engines/log/port.ts'
import type { Fault } from '#ingest/collector/fault.ts'
import type { RawEvent } from '#ingest/collector/split-body.ts'

/**
 * The event in a message of Debezium's Outbox Event Router, for the collector to check. The value is the
 * payload: JSON, or JSON in a string (`table.expand.json.payload=false` through JsonConverter). The header `id` is the
 * event's id; `type` and `event_time` are the headers that docs/outbox.md has the connector add.
 */
export function eventOfMessage({ value, headers, timestamp }: LogRecord): RawEvent {
  const { id, type, event_time } = headers
  if (id === undefined) return fault('missing_field', 'the header id is required', '/event_id')
  const bytes = Buffer.from(value ?? [])
  if (!isUtf8(bytes)) return fault('invalid_text', 'the value is not UTF-8')
  const fields = parsed(bytes.toString('utf8'))
  if (fields instanceof SyntaxError) return fault('malformed_json', fields.message)
  if (typeof fields !== 'object' || fields === null || Array.isArray(fields))
    return fault('not_an_object', 'the payload is no object')
  return {
    value: {
      event_time: timestamp,
      ...fields,
      ...(type !== undefined && { type }),
      ...(event_time !== undefined && { event_time }),
      event_id: id,
    },
  }
}

function parsed(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'string' ? JSON.parse(value) : value
  } catch (error) {
    if (error instanceof SyntaxError) return error
    throw error
  }
}

function fault(code: Fault['code'], message: string, pointer = ''): RawEvent {
  return { fault: { code, pointer, message } }
}
