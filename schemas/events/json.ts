import { z } from 'zod'
import type { AvroField, AvroRecord } from '../avro.ts'
import { jsonField } from '../avro-json.ts'
import {
  type CommerceEvent,
  EVENT_SCHEMAS,
  EVENT_TYPES,
  type EventOf,
  type EventType,
  isKeyedByProduct,
} from '../events.ts'
import { ORDER_TOTAL_MAX } from './header.ts'

/** An event as callers send it, checked: ingest fills in what is null and stamps `received_at`. */
export type EventInput<E extends CommerceEvent = CommerceEvent> = E extends CommerceEvent
  ? Omit<E, 'event_id' | 'event_time' | 'received_at'> & {
      readonly event_id: string | null
      readonly event_time: number | null
    }
  : never

const FILLED_IN: ReadonlySet<string> = new Set(['event_id', 'event_time'])

/**
 * The JSON form of each event: its Avro record plus `type`, held to the limits that the Avro schema states. Times are
 * RFC 3339 with any offset, or integer milliseconds. Unknown fields are ignored, so that producers may run ahead of
 * us; so is `received_at`, which the collector sets.
 */
export const EVENT_JSON: Readonly<Record<EventType, z.ZodType<EventInput>>> = Object.fromEntries(
  EVENT_TYPES.map((type) => [type, eventJson(type)]),
) as unknown as Record<EventType, z.ZodType<EventInput>>

/** Any event as JSON, discriminated by `type`. Sorted, because the order of a module's exports depends on the loader. */
export const EventJson: z.ZodType<EventInput> = z
  .discriminatedUnion(
    'type',
    EVENT_TYPES.toSorted().map((type) => EVENT_JSON[type]) as unknown as Discriminated,
  )
  .meta({ id: 'Event' }) as unknown as z.ZodType<EventInput>

type Discriminated = [z.ZodObject<{ type: z.ZodLiteral<EventType> }>]

function eventJson(type: EventType): z.ZodType {
  const schema: AvroRecord = EVENT_SCHEMAS[type]
  const fields = schema.fields.filter((field) => field.name !== 'received_at').map(entry)
  const event = z.object(Object.fromEntries([['type', z.literal(type)], ...fields]))
  if (isKeyedByProduct(type)) return event.meta({ id: type, description: schema.doc })
  return event
    .refine((value) => value['user_id'] !== null || value['anonymous_id'] !== null, {
      message: 'is missing, and so is anonymous_id: one of them is required',
      path: ['user_id'],
      params: { code: 'missing_identity' },
    })
    .refine((value) => type !== 'OrderPlaced' || isCountable(value['lines'] as Lines), {
      message: `must not come to more than ${ORDER_TOTAL_MAX} minor units`,
      path: ['lines'],
      params: { code: 'out_of_range' },
    })
    .meta({
      id: type,
      description: `${schema.doc} One of \`user_id\` and \`anonymous_id\` is required.`,
      override: { anyOf: ['user_id', 'anonymous_id'].map(textIn) },
    })
}

/** What the refinement says, for JSON Schema. */
function textIn(field: string) {
  return { required: [field], properties: { [field]: { type: 'string' as const } } }
}

type Lines = EventOf<'OrderPlaced'>['lines']

/** Each field can be within its limits and the total still exceed what a number holds exactly. */
function isCountable(lines: Lines): boolean {
  const total = lines.reduce((sum, line) => sum + line.quantity * line.unit_price_minor, 0)
  return total <= ORDER_TOTAL_MAX
}

function entry(field: AvroField): [string, z.ZodType] {
  const type = jsonField(field)
  return [field.name, FILLED_IN.has(field.name) ? type.nullable().default(null) : type]
}
