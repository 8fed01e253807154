import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { NO_CLICK, SESSION_ITEMS_MAX, SessionIndex } from './session-index.ts'

function itemsOf(index: SessionIndex, session: number): number[] {
  const items = []
  for (
    let click = index.newestClick(session);
    click !== NO_CLICK;
    click = index.earlierClick(click)
  )
    items.push(index.item(click))
  return items
}

function sessionsWith(index: SessionIndex, item: number): number[] {
  const sessions = []
  let click = index.newestClickOn(item)
  for (; click !== NO_CLICK; click = index.earlierClickOn(click))
    sessions.push(index.session(click))
  return sessions
}

describe('session index', () => {
  test('answers with the newest first, and a repeat within a session is not recorded', () => {
    const index = new SessionIndex({ clicks: 100, sessions: 10, items: 5 })
    const [a, b] = [index.open(), index.open()]
    index.append(a, 1, 10)
    index.append(b, 1, 11)
    index.append(a, 2, 12)
    index.append(a, 1, 13)
    expect(itemsOf(index, a)).toEqual([2, 1])
    expect(sessionsWith(index, 1)).toEqual([b, a])
    expect(index.length(a)).toBe(2)
    expect(index.time(a)).toBe(13)
    expect(index.sessionsWith(1)).toBe(2)
  })

  test('a session takes no more than its limit of items', () => {
    const index = new SessionIndex({ clicks: 100, sessions: 10, items: 60 })
    const session = index.open()
    for (let item = 0; item < 60; item++) index.append(session, item, item)
    expect(index.length(session)).toBe(SESSION_ITEMS_MAX)
    expect(itemsOf(index, session)).toHaveLength(SESSION_ITEMS_MAX)
  })

  test('old clicks and sessions fall out, and nothing points at what took their place', () => {
    const limits = { clicks: 7, sessions: 3, items: 4 }
    const step = fc.record({ session: fc.nat(5), item: fc.nat(3) })
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const index = new SessionIndex(limits)
        const sessions = new Map<number, number>()
        /** Every click ever, as the plain truth. */
        const clicks: { session: number; item: number }[] = []
        for (const { session: name, item } of steps) {
          let session = sessions.get(name)
          if (session === undefined || !index.isAlive(session)) session = index.open()
          sessions.set(name, session)
          const before = itemsOf(index, session)
          index.append(session, item, 0)
          if (!before.includes(item)) clicks.push({ session, item })
        }
        const kept = clicks.slice(-limits.clicks).reverse()
        for (const session of sessions.values()) {
          if (!index.isAlive(session)) continue
          const truth = kept.filter((click) => click.session === session).map(({ item }) => item)
          expect(itemsOf(index, session)).toEqual(truth)
        }
        for (let item = 0; item < limits.items; item++) {
          const truth = kept.filter((click) => click.item === item).map(({ session }) => session)
          expect(sessionsWith(index, item)).toEqual(truth)
        }
      }),
    )
  })
})
