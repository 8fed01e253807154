import { expect, test } from 'vitest'
import { type CommerceEvent, EVENT_TYPES, keyOf, payloadFields, topicOf } from './events.ts'
import { EXAMPLE_VALUES } from './example-values.ts'
import { deadLetterTopic, TOPIC_NAMES, TOPICS } from './topics.ts'

/** What other systems publish and subscribe to: changing a row strands them. */
const AGREED = [
  ['commerce.products', 'product_id', true, 'ProductUpserted ProductRemoved'],
  ['commerce.users', 'user_id', true, 'UserRegistered UserUpdated UserErased'],
  [
    'commerce.orders',
    'user_id',
    false,
    'OrderPlaced OrderPaid OrderShipped OrderCancelled OrderRefunded',
  ],
  [
    'commerce.activity',
    'user_id',
    false,
    'ProductViewed ProductSearched CartItemAdded CartItemRemoved CheckoutStarted RecommendationsShown RecommendationClicked',
  ],
] as const

test('the topics, their keys and their events are the agreed ones', () => {
  const actual = TOPIC_NAMES.map((name) => {
    const { key, compacted, events } = TOPICS[name]
    return [name, key, compacted, Object.keys(events).toSorted()]
  })
  const agreed = AGREED.map(([name, key, compacted, events]) => {
    return [name, key, compacted, events.split(' ').toSorted()]
  })
  expect(actual).toEqual(agreed)
})

test('every event travels on exactly one topic', () => {
  const carried = TOPIC_NAMES.flatMap((name) => Object.keys(TOPICS[name].events))
  expect(carried.toSorted()).toEqual(EVENT_TYPES.toSorted())
  for (const name of TOPIC_NAMES) {
    for (const event of Object.values(TOPICS[name].events)) expect(topicOf(event.name)).toBe(name)
  }
})

test.each(EVENT_TYPES)('%s is keyed as its topic says', (type) => {
  const event = { type, ...EXAMPLE_VALUES } as unknown as CommerceEvent
  expect(keyOf(event)).toBe(EXAMPLE_VALUES[TOPICS[topicOf(type)].key])
})

test('an event of nobody known is keyed by its anonymous id', () => {
  const event = { type: 'ProductViewed', ...EXAMPLE_VALUES, user_id: null }
  expect(keyOf(event as unknown as CommerceEvent)).toBe(EXAMPLE_VALUES['anonymous_id'])
})

test('the events of a topic keyed by product name their product', () => {
  const catalogue = EVENT_TYPES.filter((type) => TOPICS[topicOf(type)].key === 'product_id')
  for (const type of catalogue) expect(payloadFields(type)).toContain('product_id')
  expect(catalogue).toHaveLength(2)
})

test('dead letters go beside their topic', () => {
  expect(deadLetterTopic('commerce.orders')).toBe('commerce.orders.dlq')
})
