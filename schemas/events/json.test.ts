import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { EVENT_SCHEMAS, EVENT_TYPES } from '../events.ts'
import { EVENT_JSON, EventJson } from './json.ts'

const HEADER_NAMES = [
  'event_id',
  'event_time',
  'sent_at',
  'source',
  'user_id',
  'anonymous_id',
  'session_id',
]

type Json = { readonly [name: string]: Json } & { readonly required: string[] }

describe('the JSON form of an event', () => {
  const { $defs } = z.toJSONSchema(EventJson, { io: 'input' }) as unknown as Json

  test.each(EVENT_TYPES)('%s asks for what its Avro schema has no default for', (type) => {
    const fields: readonly { name: string; default?: unknown }[] = EVENT_SCHEMAS[type].fields
    const needed = fields
      .filter((field) => field.default === undefined)
      .map(({ name }) => name)
      .filter((name) => !['event_id', 'event_time', 'received_at'].includes(name))
    expect($defs?.[type]?.required.toSorted()).toEqual(['type', ...needed].toSorted())
  })

  test('it has all fields but received_at', () => {
    expect(Object.keys($defs?.['ProductViewed']?.['properties'] ?? {})).toEqual([
      'type',
      ...HEADER_NAMES,
      'product_id',
    ])
  })

  test('the limits of the Avro schema are told to readers of the OpenAPI page', () => {
    const line = $defs?.['OrderLine']?.['properties']
    expect(line?.['product_id']).toMatchObject({ type: 'string', minLength: 1, maxLength: 128 })
    expect(line?.['quantity']).toMatchObject({ type: 'integer', minimum: 1, maximum: 1_000_000 })
    expect($defs?.['OrderPlaced']?.['properties']?.['lines']).toMatchObject({
      minItems: 1,
      maxItems: 5_000,
    })
  })

  test('offsets and milliseconds are the same instant', () => {
    const at = (event_time: unknown) =>
      EVENT_JSON.ProductViewed.parse({
        type: 'ProductViewed',
        user_id: 'u',
        product_id: 'p',
        event_time,
      }).event_time
    const instant = Date.UTC(2026, 0, 31, 9, 30, 0, 250)
    expect(at('2026-01-31T09:30:00.250Z')).toBe(instant)
    expect(at('2026-01-31T15:00:00.250999+05:30')).toBe(instant)
    expect(at(instant)).toBe(instant)
    expect(at(null)).toBe(null)
    expect(at(undefined)).toBe(null)
  })

  test('an order may come to as much as can be counted exactly', () => {
    const order = (prices: readonly number[]) => ({
      type: 'OrderPlaced',
      order_id: 'o',
      user_id: 'u',
      currency: 'GBP',
      lines: prices.map((unit_price_minor) => ({
        product_id: 'p',
        quantity: 1_000,
        unit_price_minor,
      })),
    })
    expect(EventJson.safeParse(order([1e12])).success).toBe(true)
    expect(EventJson.safeParse(order([1e12, 1])).error?.issues).toMatchObject([
      { path: ['lines'], message: 'must not come to more than 1000000000000000 minor units' },
    ])
  })

  test('unknown fields are ignored', () => {
    const event = { type: 'UserErased', user_id: 'u', shoe_size: 44 }
    expect(EventJson.parse(event)).not.toHaveProperty('shoe_size')
  })

  test('defaults are not shared between events', () => {
    const product = {
      type: 'ProductUpserted',
      product_id: 'p',
      title: 't',
      price_minor: 1,
      currency: 'GBP',
    }
    const [one, other] = [EventJson.parse(product), EventJson.parse(product)]
    if (one.type !== 'ProductUpserted' || other.type !== 'ProductUpserted') throw new Error()
    one.category.push('changed')
    expect(other.category).toEqual([])
  })
})
