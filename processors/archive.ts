import { record } from '#pipeline/processor.ts'
import { payloadJson } from '#pipeline/stored-event.ts'
import { RAW_EVENTS } from '#schemas/tables.ts'

/** Every event as one row, with its topic, partition and offset. */
export const archive = record({
  name: 'archive',
  into: RAW_EVENTS,
  row({ event, topic, partition, offset, time, dup, late, clamped }) {
    return {
      event_id: event.event_id,
      type: event.type,
      event_time: time,
      received_at: event.received_at,
      source: event.source,
      user_id: event.user_id ?? '',
      anonymous_id: event.anonymous_id ?? '',
      session_id: event.session_id ?? '',
      product_id: 'product_id' in event ? event.product_id : '',
      order_id: 'order_id' in event ? event.order_id : '',
      payload: payloadJson(event),
      dup: dup ? 1 : 0,
      late: late ? 1 : 0,
      clamped: clamped ? 1 : 0,
      _topic: topic,
      _partition: partition,
      _offset: offset,
    }
  },
})
