import { expect, test } from 'vitest'
import { EventRing } from './event-ring.ts'

function ring() {
  const made = new EventRing(4, 100)
  for (const event of ['trends', 'ledger', 'trends', 'movers', 'trends']) made.add(event, '{}')
  return made
}
const ids = (events: readonly { id: number }[]) => events.map((event) => event.id)

test('ids grow by one from the first', () => {
  const made = new EventRing(4, 100)
  expect([made.add('a', ''), made.add('b', '')].map((event) => event.id)).toEqual([100, 101])
})

test('a listener that comes back gets exactly what it missed', () => {
  expect(ids(ring().after(102))).toEqual([103, 104])
  expect(ids(ring().after(104))).toEqual([])
  // 100 has gone from the ring, but nothing after it has.
  expect(ids(ring().after(100))).toEqual([101, 102, 103, 104])
})

test.each([
  ['who comes for the first time', undefined],
  ['who was away for longer than is kept', 99],
  ['who has an id that was never given', 5_000],
])('%s hears the newest of each event', (_, id) => {
  expect(ids(ring().after(id))).toEqual([101, 103, 104])
})

test('cleared, it has nothing to tell and goes on with the ids', () => {
  const made = ring()
  made.clear()
  expect(made.after(102)).toEqual([])
  expect(made.add('trends', '').id).toBe(105)
})

test('an empty ring has nothing for anybody', () => {
  expect(new EventRing(4, 100).after(undefined)).toEqual([])
  expect(new EventRing(4, 100).after(7)).toEqual([])
})
