import { type CommerceEvent, type EventType, isEventType, payloadFields } from '#schemas/events.ts'

const FIELDS = new Map<EventType, readonly string[]>()

/** The payload of an event as JSON: what it says beyond the header. */
export function payloadJson(event: CommerceEvent): string {
  let fields = FIELDS.get(event.type)
  if (fields === undefined) {
    fields = payloadFields(event.type)
    FIELDS.set(event.type, fields)
  }
  const payload: Record<string, unknown> = {}
  for (const field of fields) payload[field] = event[field as keyof CommerceEvent]
  return JSON.stringify(payload)
}

/** An event as the table `raw_events` and the view `events` give it back: times as UTC milliseconds. */
export interface StoredEvent {
  readonly event_id: string
  readonly type: string
  readonly event_time_ms: number
  readonly received_at_ms: number
  readonly user_id: string
  readonly anonymous_id: string
  readonly session_id: string
  readonly payload: string
}

/** The columns that make a `StoredEvent`, to be selected from `raw_events` or `events`. */
export const STORED_EVENT_COLUMNS = `event_id, type, toFloat64(toUnixTimestamp64Milli(event_time)) AS event_time_ms,
  toFloat64(toUnixTimestamp64Milli(received_at)) AS received_at_ms, user_id, anonymous_id, session_id, payload`

/** The event of a stored row; its time is already the corrected one. */
export function fromStored(stored: StoredEvent): CommerceEvent {
  if (!isEventType(stored.type))
    throw new TypeError(`the table holds an event of unknown type ${stored.type}`)
  return {
    ...(JSON.parse(stored.payload) as object),
    type: stored.type,
    event_id: stored.event_id,
    event_time: stored.event_time_ms,
    sent_at: null,
    received_at: stored.received_at_ms,
    source: '',
    user_id: stored.user_id || null,
    anonymous_id: stored.anonymous_id || null,
    session_id: stored.session_id || null,
  } as CommerceEvent
}
