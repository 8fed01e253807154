import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Purchases } from './purchases.ts'

test('exactly the newest purchases of all people together are kept', () => {
  const purchase = fc.record({ person: fc.nat(2), item: fc.nat(3) })
  fc.assert(
    fc.property(
      fc.array(purchase, { maxLength: 40 }),
      fc.integer({ min: 1, max: 12 }),
      (made, capacity) => {
        const purchases = new Purchases(3, capacity)
        for (const { person, item } of made) purchases.add(person, item)
        const kept = made.slice(-capacity).reverse()
        for (const person of [0, 1, 2]) {
          const own = kept.filter((each) => each.person === person).map(({ item }) => item)
          const truth = [...new Set(own)].map((item) => ({
            item,
            times: own.filter((each) => each === item).length,
          }))
          expect(purchases.of(person)).toEqual(truth)
        }
      },
    ),
  )
})

test('the next person in a slot does not inherit the purchases of the one forgotten', () => {
  const purchases = new Purchases(2, 10)
  purchases.add(0, 7)
  purchases.forget(0)
  expect(purchases.of(0)).toEqual([])
  purchases.add(0, 8)
  expect(purchases.of(0)).toEqual([{ item: 8, times: 1 }])
})
