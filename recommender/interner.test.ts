import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Interner } from './interner.ts'

test('the numbers count up from 0, one a string, and stay', () => {
  fc.assert(
    fc.property(
      fc.array(fc.string({ maxLength: 2 })),
      fc.integer({ min: 1, max: 20 }),
      (texts, capacity) => {
        const interner = new Interner(capacity)
        const numbers = texts.map((text) => interner.intern(text))
        const distinct = [...new Set(texts)]
        const known = distinct.slice(0, capacity)
        expect(interner.size).toBe(known.length)
        expect(known.map((_, number) => interner.text(number))).toEqual(known)
        for (const [at, text] of texts.entries()) {
          const number = known.indexOf(text)
          expect(numbers[at]).toBe(number < 0 ? undefined : number)
          expect(interner.find(text)).toBe(numbers[at])
        }
      },
    ),
  )
})

test('a number that nothing has is a mistake', () => {
  expect(() => new Interner(5).text(0)).toThrow('nothing was interned as 0')
})
