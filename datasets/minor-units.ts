import { decimalsOf } from '#schemas/currencies.ts'

/**
 * A decimal of major units ("12.5") as an integer of minor units (1250), exactly: the digits are moved, never
 * multiplied. Undefined when the currency has no such fraction ("0.005" GBP) or the number leaves the safe integers.
 */
export function toMinorUnits(decimal: string, currency: string): number | undefined {
  const decimals = decimalsOf(currency)
  const [whole = '', fraction = ''] = decimal.split('.')
  if (/[1-9]/.test(fraction.slice(decimals))) return undefined
  const minor = Number(whole + fraction.slice(0, decimals).padEnd(decimals, '0'))
  return Number.isSafeInteger(minor) ? minor : undefined
}
