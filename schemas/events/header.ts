import type { AvroField, AvroRecord } from '#schemas/avro.ts'

const TIMESTAMP = { type: 'long', logicalType: 'timestamp-millis' } as const

/** The fields that open every event, in this order. Times are UTC milliseconds since 1970. */
export const HEADER = [
  {
    name: 'event_id',
    type: 'string',
    minLength: 1,
    maxLength: 64,
    doc: 'Deduplication key: UUIDv7 or any string up to 64 bytes.',
  },
  { name: 'event_time', type: TIMESTAMP, doc: 'When it happened, by the clock of the source.' },
  {
    name: 'sent_at',
    type: ['null', TIMESTAMP],
    default: null,
    doc: 'When the source sent it; corrects its clock skew.',
  },
  {
    name: 'received_at',
    type: TIMESTAMP,
    doc: 'When ingest accepted it; stamped once, so that replays agree.',
  },
  { name: 'source', type: 'string', default: '', maxLength: 64, doc: 'The service that says so.' },
  { name: 'user_id', type: ['null', 'string'], default: null, minLength: 1, maxLength: 128 },
  { name: 'anonymous_id', type: ['null', 'string'], default: null, minLength: 1, maxLength: 128 },
  { name: 'session_id', type: ['null', 'string'], default: null, minLength: 1, maxLength: 128 },
] as const satisfies readonly AvroField[]

/** An event schema: the header fields, then the payload. */
export function eventSchema<const Name extends string, const Payload extends readonly AvroField[]>(
  name: Name,
  doc: string,
  payload: Payload,
) {
  return {
    type: 'record',
    name,
    namespace: 'freshet.events',
    doc,
    fields: [...HEADER, ...payload],
  } as const satisfies AvroRecord
}

export const PRODUCT_ID = {
  name: 'product_id',
  type: 'string',
  minLength: 1,
  maxLength: 128,
} as const
export const ORDER_ID = { name: 'order_id', type: 'string', minLength: 1, maxLength: 128 } as const
export const CURRENCY = {
  name: 'currency',
  type: 'string',
  pattern: '^[A-Z]{3}$',
  doc: 'ISO 4217, three capital letters.',
} as const
export const QUANTITY = { name: 'quantity', type: 'int', minimum: 1, maximum: 1_000_000 } as const
/** Largest total of an order or refund in minor units; below 2^53, so that it is an exact number. */
export const ORDER_TOTAL_MAX = 1e15
export const UNIT_PRICE = {
  name: 'unit_price_minor',
  type: 'long',
  minimum: 0,
  maximum: 1e12,
  doc: 'Minor units (pence, cents) of the currency.',
} as const
