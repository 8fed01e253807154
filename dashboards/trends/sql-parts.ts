const NO_DECIMALS = 'BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX VND VUV XAF XOF XPF'
const THREE_DECIMALS = 'BHD IQD JOD KWD LYD OMR TND'

/** By how much an amount in minor units is divided to be read (ISO 4217). */
export const MINOR_UNITS = `if('$currency' IN (${quoted(NO_DECIMALS)}), 1, if('$currency' IN (${quoted(THREE_DECIMALS)}), 1000, 100))`

/** One person is one user_id, else one anonymous_id. */
export const PEOPLE =
  "uniqExactIf(user_id, user_id != '') + uniqExactIf(anonymous_id, user_id = '' AND anonymous_id != '')"

/** The rows of order_minutes and the like that are asked for. */
export const IN_CURRENCY = "currency = '$currency' AND $__timeFilter(minute)"

function quoted(codes: string): string {
  return codes
    .split(' ')
    .map((code) => `'${code}'`)
    .join(', ')
}
