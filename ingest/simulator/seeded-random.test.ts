import { expect, test } from 'vitest'
import { SeededRandom } from './seeded-random.ts'

const random = new SeededRandom(42)
const draws = (count: number, draw: () => number) => Array.from({ length: count }, draw)
const mean = (values: readonly number[]) =>
  values.reduce((sum, each) => sum + each, 0) / values.length

test('a seed fixes the stream, neighbouring seeds have nothing in common', () => {
  const stream = (seed: number) => {
    const source = new SeededRandom(seed)
    return draws(100, () => source.next())
  }
  expect(stream(7)).toEqual(stream(7))
  expect(stream(8).filter((value) => stream(7).includes(value))).toEqual([])
})

test('next is uniform in [0, 1)', () => {
  const values = draws(50_000, () => random.next())
  const tenths = Array.from(
    { length: 10 },
    (_, i) => values.filter((value) => Math.floor(value * 10) === i).length,
  )
  for (const count of tenths) expect(count / values.length).toBeCloseTo(0.1, 2)
})

test('zipf: the second rank comes up about half as often as the first, the last can be reached', () => {
  const ranks = draws(100_000, () => random.zipf(50))
  const count = (rank: number) => ranks.filter((each) => each === rank).length
  expect(count(1) / count(0)).toBeCloseTo(Math.log(3 / 2) / Math.log(2), 1)
  expect(Math.min(...ranks)).toBe(0)
  expect(Math.max(...ranks)).toBe(49)
})

test('exponential waits have the mean asked for', () => {
  expect(mean(draws(100_000, () => random.exponential(8)))).toBeCloseTo(8, 0)
})

test('there must be something to pick from', () => {
  expect(random.pick(['only'])).toBe('only')
  expect(() => random.pick([])).toThrow(RangeError)
})
