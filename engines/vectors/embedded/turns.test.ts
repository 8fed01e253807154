import { expect, test } from 'vitest'
import { Turns } from '#engines/vectors/embedded/turns.ts'

test('runs the work of all callers in the order it came', async () => {
  const turns = new Turns()
  const done: number[] = []
  const caller = async (first: number) => {
    await turns.take(() => done.push(first))
    await turns.take(() => done.push(first + 10))
  }
  await Promise.all([caller(1), caller(2), caller(3)])
  expect(done).toEqual([1, 2, 3, 11, 12, 13])
})

test('a failure reaches its own caller only', async () => {
  const turns = new Turns()
  const failing = turns.take(() => {
    throw new Error('mine')
  })
  const fine = turns.take(() => 'fine')
  await expect(failing).rejects.toThrow('mine')
  expect(await fine).toBe('fine')
})

test('lets the event loop turn between long pieces of several callers', async () => {
  const turns = new Turns()
  const order: string[] = []
  const long = () => {
    const until = performance.now() + 5
    while (performance.now() < until);
    order.push('long')
  }
  setImmediate(() => order.push('other'))
  await Promise.all([turns.take(long), turns.take(long), turns.take(long)])
  expect(order).toEqual(['long', 'other', 'long', 'long'])
})
