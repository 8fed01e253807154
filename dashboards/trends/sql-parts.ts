import { CURRENCIES_BY_DECIMALS, DECIMALS_DEFAULT } from '#schemas/currencies.ts'

/** SQL: minor units in one major unit of the selected currency. */
export const MINOR_UNITS = `multiIf(${[...CURRENCIES_BY_DECIMALS]
  .map(([decimals, currencies]) => `'$currency' IN (${quoted(currencies)}), ${10 ** decimals}`)
  .join(', ')}, ${10 ** DECIMALS_DEFAULT})`

/** SQL: rows by minute of the selected currency and time range. */
export const IN_CURRENCY = "currency = '$currency' AND $__timeFilter(minute)"

/** Adds a row of zeros for each empty bucket: Grafana would draw a line across missing ones. */
const FILLED =
  'WITH FILL FROM toStartOfInterval($__fromTime, INTERVAL $__interval_s second) TO $__toTime STEP toIntervalSecond($__interval_s)'

/** Ends a query for one series whose column `time` is the bucket. */
export const BY_TIME = `GROUP BY time ORDER BY time ${FILLED}`

/** The same with a series for each value of the column `name`. */
export function byTimeAndName(name: string): string {
  return `GROUP BY ${name}, time ORDER BY ${name}, time ${FILLED}`
}

function quoted(codes: readonly string[]): string {
  return codes.map((code) => `'${code}'`).join(', ')
}
