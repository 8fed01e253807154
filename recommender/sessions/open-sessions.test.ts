import { expect, test } from 'vitest'
import { OpenSessions, SESSION_GAP_MS } from './open-sessions.ts'
import { SessionIndex } from './session-index.ts'

const START = Date.UTC(2026, 0, 1)

function open(capacity = 10, sessions = 10) {
  const index = new SessionIndex({ clicks: 100, sessions, items: 5 })
  const visits = new OpenSessions(index, capacity)
  const at = (sessionId: string | null, person: string, time: number) =>
    visits.at(sessionId, person, START + time).session
  return { index, visits, at }
}

test('without an id, a visit ends with a silence of more than half an hour', () => {
  const { at } = open()
  const first = at(null, 'ann', 0)
  expect(at(null, 'ann', SESSION_GAP_MS)).toBe(first)
  expect(at(null, 'ann', 2 * SESSION_GAP_MS)).toBe(first)
  expect(at(null, 'ann', 3 * SESSION_GAP_MS + 1)).not.toBe(first)
  expect(SESSION_GAP_MS).toBe(30 * 60_000)
})

test('an event that comes late does not shorten the visit', () => {
  const { at } = open()
  const visit = at(null, 'ann', 1_000)
  expect(at(null, 'ann', 0)).toBe(visit)
  expect(at(null, 'ann', 1_000 + SESSION_GAP_MS)).toBe(visit)
})

test('people have visits of their own, and a session id is one visit, whichever person sends it', () => {
  const { at } = open()
  expect(at(null, 'ann', 0)).not.toBe(at(null, 'bob', 0))
  expect(at('s1', 'ann', 0)).toBe(at('s1', 'bob', 10 * SESSION_GAP_MS))
  expect(at('s1', 'ann', 0)).not.toBe(at(null, 'ann', 0))
})

test('of too many open visits the one without events for longest is closed', () => {
  const { at } = open(2)
  const [ann, bob] = [at(null, 'ann', 0), at(null, 'bob', 1)]
  expect(at(null, 'ann', 2)).toBe(ann)
  at(null, 'cid', 3)
  expect(at(null, 'ann', 4)).toBe(ann)
  expect(at(null, 'bob', 5)).not.toBe(bob)
})

test('a visit that the index no longer keeps is begun anew', () => {
  const { at } = open(10, 2)
  const ann = at(null, 'ann', 0)
  at(null, 'bob', 0)
  expect(at(null, 'ann', 1)).toBe(ann)
  at(null, 'cid', 0)
  expect(at(null, 'ann', 2)).not.toBe(ann)
})

test('somebody forgotten begins a new visit, with no steps', () => {
  const { at, visits } = open()
  const before = at(null, 'ann', 0)
  visits.at(null, 'ann', START).steps.push(3)
  visits.forget('ann')
  expect(at(null, 'ann', 1)).not.toBe(before)
  expect(visits.at(null, 'ann', START + 1).steps).toEqual([])
})
