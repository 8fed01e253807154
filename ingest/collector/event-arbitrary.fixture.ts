import fc, { type Arbitrary } from 'fast-check'
import type { AvroField, AvroRecord, AvroType } from '#schemas/avro.ts'
import { ORDER_TOTAL_MAX } from '#schemas/events/header.ts'
import { EVENT_SCHEMAS, EVENT_TYPES, type EventType } from '#schemas/events.ts'

/** Valid events as callers may write them, of every type, with their limits reached and defaults left out. For tests. */
export const anyEvent: Arbitrary<Record<string, unknown>> = fc
  .constantFrom(...EVENT_TYPES)
  .chain((type) => eventOf(type))

/** Events with something else in one place. */
export const spoiltEvent: Arbitrary<unknown> = fc
  .tuple(anyEvent, fc.nat(), fc.oneof(fc.jsonValue(), fc.constant(undefined)))
  .map(([event, place, value]) => {
    const names = Object.keys(event)
    return { ...event, [names[place % names.length] ?? 'type']: value }
  })

function eventOf(type: EventType): Arbitrary<Record<string, unknown>> {
  const schema: AvroRecord = EVENT_SCHEMAS[type]
  const fields = schema.fields.filter((field) => field.name !== 'received_at')
  return recordOf(fields).map((event) =>
    Object.assign(
      { type },
      event,
      'lines' in event && { lines: affordable(event['lines'] as readonly Line[]) },
      (event['user_id'] ?? null) === null && { anonymous_id: 'visitor' },
    ),
  )
}

interface Line {
  readonly quantity: number
  readonly unit_price_minor: number
}

/** The lines, each cheap enough for the limit of the whole order. */
function affordable(lines: readonly Line[]): readonly Line[] {
  return lines.map((line) => {
    const dearest = Math.floor(ORDER_TOTAL_MAX / lines.length / line.quantity)
    return { ...line, unit_price_minor: Math.min(line.unit_price_minor, dearest) }
  })
}

function recordOf(fields: readonly AvroField[]): Arbitrary<Record<string, unknown>> {
  const required = fields.filter(isRequired).map(({ name }) => name)
  return fc.record(
    Object.fromEntries(fields.map((field) => [field.name, jsonOf(field.type, field)])),
    { requiredKeys: required },
  )
}

function isRequired({ name, default: value }: AvroField): boolean {
  return value === undefined && name !== 'event_id' && name !== 'event_time'
}

function jsonOf(type: AvroType, limits: AvroField): Arbitrary<unknown> {
  if (typeof type === 'string') return primitiveOf(type, limits)
  if (!('type' in type)) return fc.oneof(...type.map((branch) => jsonOf(branch, limits)))
  switch (type.type) {
    case 'long':
      return timestamp
    case 'array': {
      const lengths = {
        minLength: limits.minItems ?? 0,
        maxLength: Math.min(limits.maxItems ?? 9, 9),
      }
      return fc.array(jsonOf(type.items, limits), lengths)
    }
    case 'enum':
      return fc.constantFrom(...type.symbols)
    case 'record':
      return recordOf(type.fields)
  }
}

const timestamp = fc
  .date({ min: new Date(0), max: new Date('9999-12-31T23:59:59.999Z'), noInvalidDate: true })
  .chain((date) => fc.constantFrom<unknown>(date.getTime(), date.toISOString()))

function primitiveOf(type: string, limits: AvroField): Arbitrary<unknown> {
  switch (type) {
    case 'null':
      return fc.constant(null)
    case 'int':
    case 'long':
      return fc.maxSafeInteger().map((n) => clamp(n, limits))
    case 'string':
      return textOf(limits)
    default:
      throw new TypeError(`no event has a ${type}`)
  }
}

function clamp(n: number, { minimum = -(2 ** 31), maximum = 2 ** 31 - 1 }: AvroField): number {
  return Math.min(maximum, Math.max(minimum, n))
}

function textOf({ pattern, minLength = 0, maxLength = 100 }: AvroField): Arbitrary<string> {
  if (pattern !== undefined) return fc.stringMatching(new RegExp(pattern))
  const unicode = fc.string({ unit: 'binary', minLength, maxLength: Math.floor(maxLength / 4) })
  return fc.oneof(unicode, fc.string({ unit: 'grapheme-ascii', minLength, maxLength }))
}
