import fc from 'fast-check'
import { expect, test } from 'vitest'
import { People } from './people.ts'

const LIMITS = { people: 2, recentPerPerson: 3, purchases: 4 }

test('the newest items come first, without repeats, and those of one second share an age', () => {
  const people = new People(LIMITS)
  for (const [item, time] of [
    [0, 1_000],
    [5, 2_000],
    [6, 2_100],
    [0, 3_000],
  ] as const)
    people.see('ann', item, time)
  expect(people.recent('ann')).toEqual({ items: [0, 6, 5], ages: [0, 1, 1] })
  people.see('ann', 9, 4_000)
  expect(people.recent('ann')).toEqual({ items: [9, 0, 6], ages: [0, 1, 2] })
})

test('purchases are counted, the newest first', () => {
  const people = new People(LIMITS)
  for (const item of [7, 8, 7]) people.buy('ann', item)
  expect(people.bought('ann')).toEqual([
    { item: 7, times: 2 },
    { item: 8, times: 1 },
  ])
  // Four purchases are kept: the first of 7 is forgotten.
  people.buy('bob', 9)
  people.buy('ann', 6)
  expect(people.bought('ann')).toEqual([
    { item: 6, times: 1 },
    { item: 7, times: 1 },
    { item: 8, times: 1 },
  ])
  expect(people.bought('bob')).toEqual([{ item: 9, times: 1 }])
  for (let more = 0; more < 4; more++) people.buy('ann', 5)
  expect(people.bought('bob')).toEqual([])
})

test('the person not seen for longest is forgotten, and its place holds nothing of it', () => {
  const people = new People(LIMITS)
  people.see('ann', 1, 0)
  people.buy('ann', 1)
  people.see('bob', 2, 0)
  people.see('cid', 3, 0)
  expect(people.size).toBe(2)
  expect(people.recent('ann').items).toEqual([])
  expect(people.recent('bob').items).toEqual([2])
  expect(people.recent('cid').items).toEqual([3])
  expect(people.bought('cid')).toEqual([])
  for (let person = 0; person < 100; person++) people.see(`p${person}`, person, 0)
  expect(people.recent('p98').items).toEqual([98])
  expect(people.recent('p99').items).toEqual([99])
})

test('a person who was forgotten begins anew', () => {
  const people = new People(LIMITS)
  people.see('ann', 1, 0)
  people.see('bob', 2, 0)
  people.forget('ann')
  expect(people.recent('ann').items).toEqual([])
  people.see('ann', 3, 0)
  people.see('bob', 4, 0)
  expect(people.recent('ann').items).toEqual([3])
  expect(people.recent('bob').items).toEqual([4, 2])
})

test('of any history everybody has the newest distinct items and all purchases, as a plain log would say', () => {
  const step = fc.record({
    person: fc.constantFrom('ann', 'bob'),
    item: fc.nat(6),
    gap: fc.nat(2_500),
    bought: fc.boolean(),
  })
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      const people = new People({ people: 2, recentPerPerson: 4, purchases: 100 })
      const log: { person: string; item: number; second: number; bought: boolean }[] = []
      let time = 0
      for (const { person, item, gap, bought } of steps) {
        time += gap
        people.see(person, item, time)
        if (bought) people.buy(person, item)
        log.unshift({ person, item, second: Math.floor(time / 1000), bought })
      }
      for (const person of ['ann', 'bob']) {
        const own = log.filter((each) => each.person === person)
        const newest = own.filter((each, at) => own.findIndex((e) => e.item === each.item) === at)
        const recent = newest.slice(0, 4)
        const seconds = [...new Set(recent.map(({ second }) => second))]
        expect(people.recent(person)).toEqual({
          items: recent.map(({ item }) => item),
          ages: recent.map(({ second }) => seconds.indexOf(second)),
        })
        const purchases = own.filter(({ bought }) => bought)
        const bought = [...new Set(purchases.map(({ item }) => item))]
        expect(people.bought(person)).toEqual(
          bought.map((item) => ({
            item,
            times: purchases.filter((each) => each.item === item).length,
          })),
        )
      }
    }),
  )
})
