import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { TextModel } from '#engines/models/port.ts'

const TITLES = [
  'running shoes',
  'trail sneakers',
  'garden hose',
  'Stainless steel insulated travel mug with leak-proof lid, 0.5 l, black',
  'Kinderfahrrad 16 Zoll für Mädchen, rosa',
  'iPhone 15 Pro case',
  'a',
  '',
]

/** What every text model does. `open` is called more than once. */
export function textModelContract(name: string, open: () => Promise<TextModel>): void {
  describe(`${name} keeps the contract of text models`, () => {
    let model: TextModel
    beforeAll(async () => {
      model = await open()
    })
    afterAll(async () => {
      await model[Symbol.asyncDispose]()
    })

    test('its space is slug.revision.dtype.dN.tN with its number of dimensions', () => {
      expect(model.space).toMatch(/^[a-z0-9-]+\.[a-z0-9]+\.(fp32|q8)\.d[0-9]+\.t[0-9]+$/)
      expect(model.space).toContain(`.d${model.dimensions}.`)
    })

    test('gives one vector of unit length for each text, in order', async () => {
      const vectors = await model.embed(TITLES)
      expect(vectors).toHaveLength(TITLES.length)
      for (const [index, vector] of vectors.entries()) {
        expect(vector).toHaveLength(model.dimensions)
        expect(cosine(vector, vector)).toBeCloseTo(1, 5)
        expect(await model.embed([TITLES[index] ?? ''])).toEqual([vector])
      }
    })

    test('gives a text the same vector, to the bit, in any company', async () => {
      const alone = new Map<string, Float32Array | undefined>()
      for (const title of TITLES) alone.set(title, (await model.embed([title]))[0])
      const company = fc.array(fc.constantFrom(...TITLES), { minLength: 1, maxLength: 80 })
      await fc.assert(
        fc.asyncProperty(company, async (texts) => {
          expect(await model.embed(texts)).toEqual(texts.map((text) => alone.get(text)))
        }),
        { numRuns: 25 },
      )
    })

    test('keeps concurrent calls apart', async () => {
      const calls = Array.from({ length: 40 }, (_, i) => [`item ${i}`, `thing number ${i}`])
      const together = await Promise.all(calls.map((texts) => model.embed(texts)))
      for (const [index, texts] of calls.entries()) {
        expect(together[index]).toEqual(await model.embed(texts))
      }
    })

    test('a text is nearer to its like than to another', async () => {
      const [shoes, shoe, hose] = await model.embed([
        'running shoes',
        'running shoe',
        'garden hose',
      ])
      expect(cosine(shoes, shoe)).toBeGreaterThan(cosine(shoes, hose))
    })

    test('copes with any text', async () => {
      const texts = ['', ' \n\t', '👟', '\0', '\ud800', '日本語の靴', '%&/()', 'hose '.repeat(5000)]
      for (const vector of await model.embed(texts)) {
        expect(cosine(vector, vector)).toBeCloseTo(1, 5)
      }
    })

    test('no texts, no vectors', async () => {
      expect(await model.embed([])).toEqual([])
    })

    test('rejects with the reason of a signal that has aborted', async () => {
      const reason = new Error('the caller left')
      await expect(model.embed(['a'], AbortSignal.abort(reason))).rejects.toBe(reason)
    })

    test('says when it is closed', async () => {
      const other = await open()
      await other[Symbol.asyncDispose]()
      await other[Symbol.asyncDispose]()
      await expect(other.embed(['a'])).rejects.toMatchObject({
        code: 'ENGINE_CLOSED',
        retriable: false,
      })
    })
  })
}

/** Of two unit vectors. */
export function cosine(a: Float32Array | undefined, b: Float32Array | undefined): number {
  if (a === undefined || b === undefined) return Number.NaN
  return a.reduce((sum, value, index) => sum + value * (b[index] ?? Number.NaN), 0)
}
