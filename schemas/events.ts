import type { AvroRecord, Infer } from './avro.ts'
import * as activity from './events/activity.ts'
import { HEADER } from './events/header.ts'
import * as orders from './events/orders.ts'
import * as products from './events/products.ts'
import * as users from './events/users.ts'
import { TOPIC_NAMES, TOPICS, type TopicName } from './topics.ts'

/** The newest Avro schema of every event, by event type. */
export const EVENT_SCHEMAS = { ...products, ...users, ...orders, ...activity } as const

export type EventType = keyof typeof EVENT_SCHEMAS
export const EVENT_TYPES = Object.keys(EVENT_SCHEMAS) as EventType[]

/** An event of type `T`: its Avro record plus `type`. Times are UTC milliseconds. */
export type EventOf<T extends EventType> = { readonly type: T } & Infer<(typeof EVENT_SCHEMAS)[T]>

/** Any event: a union that `switch (event.type)` narrows. */
export type CommerceEvent = { [T in EventType]: EventOf<T> }[EventType]

const topicByType = new Map<EventType, TopicName>(
  TOPIC_NAMES.flatMap((name) =>
    Object.keys(TOPICS[name].events).map((type) => [type as EventType, name] as const),
  ),
)

export function isEventType(type: string): type is EventType {
  return Object.hasOwn(EVENT_SCHEMAS, type)
}

/** The topic that events of this type are appended to. */
export function topicOf(type: EventType): TopicName {
  const topic = topicByType.get(type)
  if (topic === undefined) throw new TypeError(`no topic carries events of type ${type}`)
  return topic
}

/** The record key of this event: its product for the catalogue, else its person. */
export function keyOf(event: CommerceEvent): string {
  return isOfProduct(event) ? event.product_id : (event.user_id ?? event.anonymous_id ?? '')
}

/** True for catalogue events: their topic is keyed by product, and they need no person. */
export function isKeyedByProduct(type: EventType): type is keyof typeof products {
  return TOPICS[topicOf(type)].key === 'product_id'
}

function isOfProduct(
  event: CommerceEvent,
): event is Extract<CommerceEvent, { type: keyof typeof products }> {
  return isKeyedByProduct(event.type)
}

const headerNames: ReadonlySet<string> = new Set(HEADER.map((field) => field.name))

/** The names of the fields that an event type adds to the header, in schema order. */
export function payloadFields(type: EventType): readonly string[] {
  const schema: AvroRecord = EVENT_SCHEMAS[type]
  return schema.fields.map((field) => field.name).filter((name) => !headerNames.has(name))
}
