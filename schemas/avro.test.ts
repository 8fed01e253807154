import { expectTypeOf, test } from 'vitest'
import type { Infer } from './avro.ts'
import type { EVENT_SCHEMAS, EventOf } from './events.ts'

// These hold or fail when the types are checked (`npm run types`).

test('primitives become what avsc makes of them', () => {
  expectTypeOf<Infer<'string'>>().toEqualTypeOf<string>()
  expectTypeOf<Infer<'int' | 'double'>>().toEqualTypeOf<number>()
  expectTypeOf<Infer<{ type: 'long'; logicalType: 'timestamp-millis' }>>().toEqualTypeOf<number>()
  expectTypeOf<Infer<'null'>>().toEqualTypeOf<null>()
})

test('unions are unwrapped', () => {
  expectTypeOf<Infer<readonly ['null', 'string']>>().toEqualTypeOf<string | null>()
})

test('an enum is the union of its symbols', () => {
  const SIZE = { type: 'enum', name: 'Size', symbols: ['s', 'l'], default: 's' } as const
  expectTypeOf<Infer<typeof SIZE>>().toEqualTypeOf<'s' | 'l'>()
})

test('arrays and records nest', () => {
  type Lines = EventOf<'OrderPlaced'>['lines']
  expectTypeOf<Lines>().toEqualTypeOf<
    { product_id: string; quantity: number; unit_price_minor: number }[]
  >()
})

test('an event has its header, its payload and its type, and nothing else', () => {
  type Viewed = EventOf<'ProductViewed'>
  expectTypeOf<keyof Viewed>().toEqualTypeOf<
    | 'type'
    | 'event_id'
    | 'event_time'
    | 'sent_at'
    | 'received_at'
    | 'source'
    | 'user_id'
    | 'anonymous_id'
    | 'session_id'
    | 'product_id'
  >()
  expectTypeOf<Viewed['type']>().toEqualTypeOf<'ProductViewed'>()
  expectTypeOf<Viewed['user_id']>().toEqualTypeOf<string | null>()
  expectTypeOf<typeof EVENT_SCHEMAS.OrderCancelled.name>().toEqualTypeOf<'OrderCancelled'>()
})
