import { describe, expect, test } from 'vitest'
import { REJECTION_CODES } from '#schemas/http/events-accepted.ts'
import { checkEvent } from './check-event.ts'

const VIEW = { type: 'ProductViewed', user_id: 'u', product_id: 'p' }
const ORDER = { type: 'OrderPlaced', user_id: 'u', order_id: 'o', currency: 'GBP' }
const LINE = { product_id: 'p', quantity: 1, unit_price_minor: 1 }
const CANCELLED = { type: 'OrderCancelled', user_id: 'u', order_id: 'o' }
const PRODUCT = {
  type: 'ProductUpserted',
  product_id: 'p',
  title: 'T',
  price_minor: 1,
  currency: 'GBP',
}

/** Code, pointer and an event that has just this fault. */
const FAULTS: readonly (readonly [keyof typeof REJECTION_CODES, string, unknown])[] = [
  ['not_an_object', '', null],
  ['not_an_object', '', [VIEW]],
  ['missing_field', '/type', { user_id: 'u' }],
  ['wrong_type', '/type', { ...VIEW, type: 7 }],
  ['unknown_type', '/type', { ...VIEW, type: 'constructor' }],
  ['missing_field', '/product_id', { type: 'ProductViewed', user_id: 'u' }],
  [
    'missing_field',
    '/lines/1/quantity',
    { ...ORDER, lines: [LINE, { ...LINE, quantity: undefined }] },
  ],
  ['missing_identity', '/user_id', { type: 'ProductViewed', product_id: 'p' }],
  ['wrong_type', '/product_id', { ...VIEW, product_id: 7 }],
  ['wrong_type', '/product_id', { ...VIEW, product_id: null }],
  ['wrong_type', '/lines', { ...ORDER, lines: {} }],
  ['wrong_type', '/lines/0', { ...ORDER, lines: [3] }],
  ['wrong_type', '/lines/0/quantity', { ...ORDER, lines: [{ ...LINE, quantity: 1.5 }] }],
  ['wrong_type', '/event_time', { ...VIEW, event_time: true }],
  ['wrong_type', '/event_time', { ...VIEW, event_time: 1.5 }],
  ['wrong_format', '/event_time', { ...VIEW, event_time: 'yesterday' }],
  ['wrong_format', '/event_time', { ...VIEW, event_time: '2026-02-30T00:00:00Z' }],
  ['wrong_format', '/event_time', { ...VIEW, event_time: '2026-02-03T00:00:00' }],
  ['wrong_format', '/currency', { ...ORDER, currency: 'gbp', lines: [LINE] }],
  ['unknown_symbol', '/reason', { ...CANCELLED, reason: 'moon' }],
  ['unknown_symbol', '/reason', { ...CANCELLED, reason: null }],
  ['out_of_range', '/event_time', { ...VIEW, event_time: -1 }],
  ['out_of_range', '/event_time', { ...VIEW, event_time: '1969-12-31T23:59:59.999Z' }],
  ['out_of_range', '/sent_at', { ...VIEW, sent_at: 253_402_300_800_000 }],
  ['out_of_range', '/lines/0/quantity', { ...ORDER, lines: [{ ...LINE, quantity: 0 }] }],
  ['out_of_range', '/price_minor', { ...PRODUCT, price_minor: 1e300 }],
  ['too_short', '/event_id', { ...VIEW, event_id: '' }],
  ['too_short', '/user_id', { ...VIEW, user_id: '' }],
  ['too_long', '/event_id', { ...VIEW, event_id: 'é'.repeat(33) }],
  ['too_long', '/category/0', { ...PRODUCT, category: ['x'.repeat(201)] }],
  ['too_few_items', '/lines', { ...ORDER, lines: [] }],
  ['too_many_items', '/category', { ...PRODUCT, category: Array(21).fill('c') }],
  ['invalid_text', '/product_id', { ...VIEW, product_id: 'a\ud800' }],
]

describe('checkEvent', () => {
  test.each(FAULTS)('%s at "%s"', (code, pointer, value) => {
    expect(checkEvent(value)).toEqual({
      fault: { code, pointer, message: expect.stringMatching(/\w{3}/) },
    })
  })

  test('every code is reached here, or belongs to another step', () => {
    const elsewhere = ['malformed_json', 'event_too_large']
    const reached = new Set([...FAULTS.map(([code]) => code), ...elsewhere])
    expect([...reached].toSorted()).toEqual(Object.keys(REJECTION_CODES).toSorted())
  })

  test('the message says which field and what it must be', () => {
    expect(checkEvent({ ...VIEW, event_id: 'é'.repeat(33) })).toMatchObject({
      fault: { message: '/event_id must not exceed 64 bytes of UTF-8' },
    })
    expect(checkEvent({ ...CANCELLED, reason: 'moon' })).toMatchObject({
      fault: { message: '/reason must be one of unknown, customer, payment, stock, fraud' },
    })
  })
})
