import { expect, test } from 'vitest'
import { EmbedQueue } from '#engines/models/transformers/embed-queue.ts'

test('gathers the calls that wait into one batch and gives each its own vectors', async () => {
  const model = heldModel()
  const queue = new EmbedQueue(model.embed, 100)
  const calls = [['first'], ['b', 'cc'], ['ddd']].map((texts) => queue.enqueue(texts))
  model.release()
  expect(await Promise.all(calls)).toEqual([[lengths(5)], [lengths(1), lengths(2)], [lengths(3)]])
  expect(model.batches).toEqual([['first'], ['b', 'cc', 'ddd']])
})

test('cuts a long call into batches', async () => {
  const model = heldModel()
  model.release()
  const queue = new EmbedQueue(model.embed, 1000)
  const texts = Array.from({ length: 300 }, (_, i) => 'x'.repeat(i))
  expect(await queue.enqueue(texts)).toEqual(texts.map((text) => lengths(text.length)))
  expect(model.batches.map((batch) => batch.length)).toEqual([128, 128, 44])
})

test('turns calls away that find no room, and those that never would', async () => {
  const model = heldModel()
  const queue = new EmbedQueue(model.embed, 3)
  const running = queue.enqueue(['in the running batch'])
  const waiting = queue.enqueue(['a', 'b'])
  await expect(queue.enqueue(['c', 'd'])).rejects.toMatchObject({
    code: 'ENGINE_OVERLOADED',
    retriable: true,
  })
  await expect(queue.enqueue(['a', 'b', 'c', 'd'])).rejects.toMatchObject({
    code: 'ENGINE_REFUSED',
    retriable: false,
  })
  model.release()
  await Promise.all([running, waiting])
  expect(await queue.enqueue(['now', 'there', 'is'])).toHaveLength(3)
})

test('a batch that fails rejects its calls, with the parts that still wait, and no other', async () => {
  const model = heldModel()
  const queue = new EmbedQueue(model.embed, 1000)
  const failing = queue.enqueue(['poison', ...Array.from({ length: 200 }, () => 'x')])
  const fine = queue.enqueue(['fine'])
  model.release()
  await expect(failing).rejects.toThrow('poisoned')
  expect(await fine).toEqual([lengths(4)])
  expect(model.batches.flat().filter((text) => text === 'x')).toHaveLength(127)
})

test('an aborted call gives its room back at once', async () => {
  const model = heldModel()
  const queue = new EmbedQueue(model.embed, 2)
  const running = queue.enqueue(['running'])
  const leaving = new AbortController()
  const left = queue.enqueue(['a', 'b'], leaving.signal)
  leaving.abort(new Error('left'))
  await expect(left).rejects.toThrow('left')
  const taken = queue.enqueue(['c', 'd'])
  model.release()
  await Promise.all([running, taken])
  expect(model.batches).toEqual([['running'], ['c', 'd']])
})

/** Stands in for a thread: answers nothing until released, fails on the text `poison`. */
function heldModel() {
  const batches: (readonly string[])[] = []
  const { promise: released, resolve: release } = Promise.withResolvers<void>()
  const embed = async (texts: readonly string[]) => {
    batches.push(texts)
    await released
    if (texts.includes('poison')) throw new Error('poisoned')
    return texts.map((text) => lengths(text.length))
  }
  return { batches, embed, release }
}

function lengths(length: number): Float32Array {
  return Float32Array.of(length)
}
