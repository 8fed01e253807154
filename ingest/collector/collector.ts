import { v7 } from 'uuid'
import type { Clock } from '#engines/clock/port.ts'
import type { Log, NewRecord } from '#engines/log/port.ts'
import type { EventCodec } from '#pipeline/event-codec.ts'
import type { EventInput } from '#schemas/events/json.ts'
import { type CommerceEvent, keyOf, topicOf } from '#schemas/events.ts'
import type { EventsAccepted, Rejection } from '#schemas/http/events-accepted.ts'
import { checkEvent } from './check-event.ts'
import type { Fault } from './fault.ts'
import type { RawEvent } from './split-body.ts'

export interface CollectorOptions {
  readonly log: Pick<Log, 'append'>
  readonly codec: EventCodec
  readonly clock: Clock
  readonly eventBytesMax: number
  /** Ids for events that bring none; default UUIDv7. */
  readonly newEventId?: () => string
}

export interface EncodedEvents {
  readonly records: readonly NewRecord[]
  readonly rejected: Rejection[]
}

/** Turns what callers send into records of the log. */
export class Collector {
  readonly #options: CollectorOptions
  readonly #newEventId: () => string

  constructor(options: CollectorOptions) {
    this.#options = options
    this.#newEventId = options.newEventId ?? v7
  }

  /**
   * Appends the events that are valid and says why the others are not. When it resolves the accepted ones are durable.
   * An event is never refused for its age, nor for being from the future: the pipeline clamps and flags that.
   * @throws EngineError of the log's `append`; then any subset may be durable, so that callers send the same ids again
   */
  async collect(raw: readonly RawEvent[]): Promise<EventsAccepted> {
    const { records, rejected } = this.encode(raw)
    if (records.length > 0) await this.#options.log.append(records)
    return { accepted: records.length, rejected }
  }

  /** The records of the events that are valid, in their order, and why the others are not. Appends nothing. */
  encode(raw: readonly RawEvent[]): EncodedEvents {
    const receivedAt = this.#options.clock.now()
    const records: NewRecord[] = []
    const rejected: Rejection[] = []
    for (const [index, each] of raw.entries()) {
      const checked = 'value' in each ? checkEvent(each.value) : each
      const record = 'event' in checked ? this.#toRecord(checked.event, receivedAt) : checked.fault
      if ('topic' in record) records.push(record)
      else rejected.push({ index, event_id: 'value' in each ? idOf(each.value) : null, ...record })
    }
    return { records, rejected }
  }

  #toRecord(input: EventInput, receivedAt: number): NewRecord | Fault {
    const event: CommerceEvent = {
      ...input,
      event_id: input.event_id ?? this.#newEventId(),
      event_time: input.event_time ?? receivedAt,
      received_at: receivedAt,
    }
    const value = this.#options.codec.encode(event)
    const { eventBytesMax } = this.#options
    if (value.length <= eventBytesMax)
      return { topic: topicOf(event.type), key: keyOf(event), value }
    const message = `the event takes ${value.length} bytes, more than eventBytesMax = ${eventBytesMax}`
    return { code: 'event_too_large', pointer: '', message }
  }
}

/** As much of the id as helps the caller to find the event. */
function idOf(value: unknown): string | null {
  if (typeof value !== 'object' || value === null) return null
  const { event_id: id } = value as { event_id?: unknown }
  return typeof id === 'string' ? id.slice(0, 128) : null
}
