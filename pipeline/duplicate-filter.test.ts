import { deserialize, serialize } from 'node:v8'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { DUPLICATE_HORIZON_MS, DuplicateFilter } from './duplicate-filter.ts'

const at = { offset: 0, watermark: 0 }

test('an id is a repeat within the horizon and new again after it', () => {
  const filter = new DuplicateFilter()
  expect(filter.isRepeat('a', 0, at)).toBe(false)
  expect(filter.isRepeat('a', DUPLICATE_HORIZON_MS, at)).toBe(true)
  expect(filter.isRepeat('b', 0, at)).toBe(false)
  expect(filter.isRepeat('b', DUPLICATE_HORIZON_MS + 1_000, at)).toBe(false)
})

test('it answers as a map of last arrivals would, through growth and snapshots', () => {
  const arrivals = fc.array(
    fc.record({
      id: fc.nat({ max: 300 }),
      gapSeconds: fc.nat({ max: 120 }),
      restart: fc.boolean(),
    }),
    { maxLength: 2_000, size: 'max' },
  )
  fc.assert(
    fc.property(arrivals, (steps) => {
      let filter = new DuplicateFilter()
      const last = new Map<string, number>()
      let now = 1_700_000_000_000
      for (const { id, gapSeconds, restart } of steps) {
        now += gapSeconds * 1_000
        const name = `event-${id}`
        const seen = last.get(name)
        const expected = seen !== undefined && now - seen <= DUPLICATE_HORIZON_MS
        expect(filter.isRepeat(name, now, at)).toBe(expected)
        last.set(name, now)
        if (restart) filter = new DuplicateFilter(deserialize(serialize(filter.state)))
      }
    }),
    { numRuns: 20 },
  )
})

test('100,000 different ids are all new, and all repeats the second time', () => {
  const filter = new DuplicateFilter()
  const ids = Array.from({ length: 100_000 }, (_, i) => `id-${i}`)
  expect(ids.some((id) => filter.isRepeat(id, 0, at))).toBe(false)
  expect(ids.every((id) => filter.isRepeat(id, 1_000, at))).toBe(true)
})

test('the low-water mark is the first record of the older generation', () => {
  const filter = new DuplicateFilter()
  expect(filter.lowWater).toBeUndefined()
  const hour = DUPLICATE_HORIZON_MS + 1_000
  for (const i of [0, 1, 2]) filter.isRepeat(`e${i}`, i * hour, { offset: i * 10, watermark: i })
  expect(filter.lowWater).toEqual({ offset: 10, watermark: 1 })
})
