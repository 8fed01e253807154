import * as activity from './events/activity.ts'
import * as orders from './events/orders.ts'
import * as products from './events/products.ts'
import * as users from './events/users.ts'

export interface Topic {
  readonly name: string
  /** The record key, which decides the partition and with it the order. `user_id` falls back to `anonymous_id`. */
  readonly key: 'product_id' | 'user_id'
  /** Only the newest record of each key is kept. */
  readonly compacted: boolean
  /** In the embedded log; Kafka gets more, in the same proportions. */
  readonly partitions: number
}

/** The topics that events travel on, and the events of each. */
export const TOPICS = {
  'commerce.products': {
    name: 'commerce.products',
    key: 'product_id',
    compacted: true,
    partitions: 1,
    events: products,
  },
  'commerce.users': {
    name: 'commerce.users',
    key: 'user_id',
    compacted: true,
    partitions: 1,
    events: users,
  },
  'commerce.orders': {
    name: 'commerce.orders',
    key: 'user_id',
    compacted: false,
    partitions: 2,
    events: orders,
  },
  'commerce.activity': {
    name: 'commerce.activity',
    key: 'user_id',
    compacted: false,
    partitions: 4,
    events: activity,
  },
} as const satisfies Record<string, Topic & { events: object }>

export type TopicName = keyof typeof TOPICS
export const TOPIC_NAMES = Object.keys(TOPICS) as TopicName[]

/** The topic for records of `topic` that could not be processed. */
export function deadLetterTopic(topic: string): string {
  return `${topic}.dlq`
}
