/** The currencies of ISO 4217 whose minor unit is not a hundredth, by the number of their decimals. */
export const CURRENCIES_BY_DECIMALS: ReadonlyMap<number, readonly string[]> = new Map([
  [0, 'BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF'.split(' ')],
  [3, 'BHD IQD JOD KWD LYD OMR TND'.split(' ')],
  [4, 'CLF UYW'.split(' ')],
])

/** Decimals of every other currency, and of codes that ISO 4217 does not know. */
export const DECIMALS_DEFAULT = 2

const decimalsByCurrency: ReadonlyMap<string, number> = new Map(
  [...CURRENCIES_BY_DECIMALS].flatMap(([decimals, currencies]) =>
    currencies.map((currency) => [currency, decimals] as const),
  ),
)

/** How many minor units make a major one, as a power of ten: 2 for GBP, 0 for JPY. */
export function decimalsOf(currency: string): number {
  return decimalsByCurrency.get(currency) ?? DECIMALS_DEFAULT
}
