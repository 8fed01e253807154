/** ISO 4217 currencies whose minor unit is not a hundredth: the number of decimals. */
const DECIMALS_BY_CURRENCY: Readonly<Record<string, number>> = {
  ...Object.fromEntries(
    'BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF'
      .split(' ')
      .map((currency) => [currency, 0]),
  ),
  ...Object.fromEntries('BHD IQD JOD KWD LYD OMR TND'.split(' ').map((currency) => [currency, 3])),
  CLF: 4,
  UYW: 4,
}

/**
 * A decimal of major units ("12.5") as an integer of minor units (1250), exactly: the digits are moved, never
 * multiplied. Undefined when the currency has no such fraction ("0.005" GBP) or the number leaves the safe integers.
 */
export function toMinorUnits(decimal: string, currency: string): number | undefined {
  const decimals = DECIMALS_BY_CURRENCY[currency] ?? 2
  const [whole = '', fraction = ''] = decimal.split('.')
  if (/[1-9]/.test(fraction.slice(decimals))) return undefined
  const minor = Number(whole + fraction.slice(0, decimals).padEnd(decimals, '0'))
  return Number.isSafeInteger(minor) ? minor : undefined
}
