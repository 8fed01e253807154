import { expect, test } from 'vitest'
import { CURRENCIES_BY_DECIMALS, decimalsOf } from './currencies.ts'

test.each([
  ['GBP', 2],
  ['HUF', 2],
  ['JPY', 0],
  ['UYI', 0],
  ['IQD', 3],
  ['KWD', 3],
  ['CLF', 4],
  ['UYW', 4],
  ['XYZ', 2],
])('%s has %i decimals', (currency, decimals) => {
  expect(decimalsOf(currency)).toBe(decimals)
})

test('no currency is listed twice', () => {
  const listed = [...CURRENCIES_BY_DECIMALS.values()].flat()
  expect(new Set(listed).size).toBe(listed.length)
  expect(listed).toHaveLength(26)
})

/**
 * Intl follows CLDR: how prices are customarily written, not what the minor unit is. A price in Hungary is written without
 * its hundredths, which ISO 4217 and payment providers still count in.
 */
const WRITTEN_WITHOUT_DECIMALS =
  'AFN ALL COP HUF IDR IQD IRR KPW LAK LBP MGA MMK PKR SLL SOS SYP YER'.split(' ')

test('Intl agrees, but for currencies that are customarily written without their minor unit', () => {
  const differing = Intl.supportedValuesOf('currency').filter(
    (currency) => intlDecimals(currency) !== decimalsOf(currency),
  )
  // Which ones depends on the version of CLDR; a new one has to be looked at.
  expect(differing.filter((currency) => !WRITTEN_WITHOUT_DECIMALS.includes(currency))).toEqual([])
  for (const currency of differing) expect(intlDecimals(currency)).toBe(0)
})

function intlDecimals(currency: string): number | undefined {
  return new Intl.NumberFormat('en', { style: 'currency', currency }).resolvedOptions()
    .maximumFractionDigits
}
