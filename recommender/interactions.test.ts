import { expect, test } from 'vitest'
import { EVENT_TYPES } from '#schemas/events.ts'
import { order, view } from './events.fixture.ts'
import { type InterestEvent, interactionOf, isInterest, isLearned } from './interactions.ts'

function interest(event: ReturnType<typeof view>): InterestEvent {
  if (!isInterest(event)) throw new TypeError(`${event.type} says nothing of interest`)
  return event
}

test('an order is of interest for each of its lines, and bought', () => {
  const event = order('ann', ['a', 'b', 'a'])
  expect(interactionOf(interest(event))).toEqual({
    person: 'ann',
    userId: 'ann',
    sessionId: null,
    time: event.event_time,
    productIds: ['a', 'b', 'a'],
    bought: true,
  })
})

test('a view and a cart are of interest, and a visitor is a person without a user', () => {
  const viewed = view('', 'a', { user_id: null, anonymous_id: 'visitor', session_id: 's' })
  const carted = { ...viewed, type: 'CartItemAdded', quantity: 2 } as typeof viewed
  for (const event of [viewed, carted])
    expect(interactionOf(interest(event))).toMatchObject({
      person: 'visitor',
      userId: null,
      sessionId: 's',
      productIds: ['a'],
      bought: false,
    })
})

test('a user who is also a visitor is the user', () => {
  const event = view('ann', 'a', { anonymous_id: 'visitor' })
  expect(interactionOf(interest(event)).person).toBe('ann')
})

test('no event is newer than its arrival: a clock that is ahead ages nobody else', () => {
  const event = view('ann', 'a')
  const ahead = { ...event, event_time: event.received_at + 86_400_000 }
  expect(interactionOf(interest(ahead)).time).toBe(event.received_at)
  const before = { ...event, event_time: event.received_at - 5_000 }
  expect(interactionOf(interest(before)).time).toBe(event.received_at - 5_000)
})

test('what is of interest is learned, and not all that is learned is of interest', () => {
  const all = EVENT_TYPES.map((type) => ({ ...view('ann', 'a'), type }) as ReturnType<typeof view>)
  expect(all.filter(isInterest).filter((event) => !isLearned(event))).toEqual([])
  expect(all.filter(isLearned).length).toBeGreaterThan(all.filter(isInterest).length)
})
