import { Readable } from 'node:stream'
import { expect, test } from 'vitest'
import { readAnswer } from './read-answer.ts'

const signal = new AbortController().signal

test('the chunks of an answer are one text, also where a letter is split', async () => {
  const [first, second] = [Buffer.from('日本').subarray(0, 4), Buffer.from('日本').subarray(4)]
  const answer = { stream: Readable.from([first, second]), response_headers: {} }
  expect(await readAnswer(answer, { bytesMax: 6, signal })).toBe('日本')
})

test('an answer that is too large is refused without reading the rest', async () => {
  let given = 0
  async function* endless() {
    for (;;) {
      given += 1
      yield Buffer.alloc(100)
    }
  }
  const answer = { stream: Readable.from(endless()), response_headers: {} }
  await expect(readAnswer(answer, { bytesMax: 1_000, signal })).rejects.toMatchObject({
    code: 'ENGINE_REFUSED',
    message: expect.stringContaining('more than 1000 bytes') as string,
  })
  expect(given).toBeLessThan(100)
})

test('reading ends when its signal says so', async () => {
  const stream = new Readable({ read: () => undefined })
  const reading = readAnswer(
    { stream, response_headers: {} },
    { bytesMax: 10, signal: AbortSignal.timeout(10) },
  )
  await expect(reading).rejects.toThrow('aborted')
})
