import fc from 'fast-check'
import { expect, test } from 'vitest'
import { TimeQueue } from './time-queue.ts'

test('what is due first leaves first, what is due together leaves in the order it came', () => {
  fc.assert(
    fc.property(fc.array(fc.nat({ max: 20 })), (dues) => {
      const queue = new TimeQueue<number>()
      for (const [index, due] of dues.entries()) queue.push(due, index)
      expect(queue.nextDue).toBe(dues.length === 0 ? undefined : Math.min(...dues))
      const left = dues.map(() => queue.pop())
      const sorted = [...dues.keys()].toSorted((a, b) => (dues[a] ?? 0) - (dues[b] ?? 0))
      expect(left).toEqual(sorted)
      expect(queue.pop()).toBeUndefined()
    }),
  )
})

test('it stays in order while things come and go', () => {
  fc.assert(
    fc.property(fc.array(fc.option(fc.nat({ max: 50 }))), (steps) => {
      const queue = new TimeQueue<number>()
      const model: number[] = []
      const left: (number | undefined)[] = []
      const expected: (number | undefined)[] = []
      for (const step of steps) {
        if (step === null) {
          left.push(queue.pop())
          expected.push(model.toSorted((one, other) => one - other)[0])
          model.splice(model.indexOf(Math.min(...model)), 1)
        } else {
          queue.push(step, step)
          model.push(step)
        }
      }
      expect(left).toEqual(expected)
      expect(queue.size).toBe(model.length)
    }),
  )
})
