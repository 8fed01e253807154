// Written from schemas/currencies.ts by currencies.test.ts.
export const DECIMALS_DEFAULT = 2
export const CURRENCIES_BY_DECIMALS = new Map([
  [0, 'BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF'.split(' ')],
  [3, 'BHD IQD JOD KWD LYD OMR TND'.split(' ')],
  [4, 'CLF UYW'.split(' ')],
])
