import fc from 'fast-check'
import { expect, test } from 'vitest'
import { RecentIds } from './recent-ids.ts'

test('an id is new unless it is among the last ones, and known for no more than twice as many', () => {
  fc.assert(
    fc.property(
      fc.array(fc.nat(30), { maxLength: 80 }),
      fc.integer({ min: 1, max: 8 }),
      (ids, remembered) => {
        const recent = new RecentIds(remembered)
        /** New ids in the order in which they were taken in. */
        const taken: string[] = []
        for (const id of ids.map(String)) {
          const isNew = recent.add(id)
          const [isLast, isRecent] = [remembered, 2 * remembered].map((newest) =>
            taken.slice(-newest).includes(id),
          )
          // In between it may be either.
          expect(isLast ? !isNew : isNew || isRecent).toBe(true)
          if (isNew) taken.push(id)
        }
      },
    ),
  )
})
