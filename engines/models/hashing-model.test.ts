import { expect, test } from 'vitest'
import { cosine, textModelContract } from '#engines/models/contract.ts'
import { openHashingModel } from '#engines/models/hashing-model.fixture.ts'

textModelContract('hashing', () => openHashingModel())

test('its space names the dimensions and the template', async () => {
  await using usual = await openHashingModel()
  await using other = await openHashingModel({ dimensions: 64, template: 2 })
  expect(usual.space).toBe('hash-ngram.v1.fp32.d384.t1')
  expect(other.space).toBe('hash-ngram.v1.fp32.d64.t2')
  expect(await other.embed(['shoe'])).toHaveLength(1)
})

test('case, compatibility forms and punctuation do not count, model numbers do', async () => {
  await using model = await openHashingModel()
  const [plain, shouted, same, other] = await model.embed([
    'canon eos 250d',
    'CANON  EOS-２５０D!',
    'camera body Canon 250D',
    'canon eos 4000d',
  ])
  expect(shouted).toEqual(plain)
  expect(cosine(plain, same)).toBeGreaterThan(0.4)
  expect(cosine(plain, other)).toBeLessThan(0.9)
})

test('texts without common letters are nearly orthogonal on average', async () => {
  await using model = await openHashingModel()
  const lefts = await model.embed(Array.from({ length: 50 }, (_, i) => `aaa${i * 7919}bcd lamp`))
  const rights = await model.embed(
    Array.from({ length: 50 }, (_, i) => `xyz${i * 104729}qq kettle`),
  )
  const mean = lefts.reduce((sum, left, i) => sum + cosine(left, rights[i]), 0) / lefts.length
  expect(Math.abs(mean)).toBeLessThan(0.05)
})
