import { CURRENCIES_BY_DECIMALS, DECIMALS_DEFAULT } from '#schemas/currencies.ts'

/** By how much an amount in minor units is divided to be read. */
export const MINOR_UNITS = `multiIf(${[...CURRENCIES_BY_DECIMALS]
  .map(([decimals, currencies]) => `'$currency' IN (${quoted(currencies)}), ${10 ** decimals}`)
  .join(', ')}, ${10 ** DECIMALS_DEFAULT})`

/** The rows of order_minutes and the like that are asked for. */
export const IN_CURRENCY = "currency = '$currency' AND $__timeFilter(minute)"

/** A row of zeros for every bucket of the graph without one: Grafana draws a line across times that are not there. */
const FILLED =
  'WITH FILL FROM toStartOfInterval($__fromTime, INTERVAL $__interval_s second) TO $__toTime STEP toIntervalSecond($__interval_s)'

/** Ends a query whose column `time` is a bucket of the graph. */
export const BY_TIME = `GROUP BY time ORDER BY time ${FILLED}`

/** The same for a query with a series for each value of another column. */
export function byTimeAndName(name: string): string {
  return `GROUP BY ${name}, time ORDER BY ${name}, time ${FILLED}`
}

function quoted(codes: readonly string[]): string {
  return codes.map((code) => `'${code}'`).join(', ')
}
