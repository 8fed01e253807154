import { CURRENCIES_BY_DECIMALS, DECIMALS_DEFAULT } from './currencies.js'

const counts = new Intl.NumberFormat()
const rates = new Intl.NumberFormat(undefined, {
  minimumFractionDigits: 1,
  maximumFractionDigits: 1,
})
const clock = new Intl.DateTimeFormat(undefined, { hour: 'numeric', minute: '2-digit' })
const moneyFormats = new Map()

export function count(value) {
  return counts.format(value)
}

export function rate(value) {
  return value < 1000 ? rates.format(value) : counts.format(Math.round(value))
}

/** A ratio, as in `4.2×`. */
export function times(ratio) {
  return `${ratio < 10 ? rates.format(ratio) : count(Math.round(ratio))}×`
}

/** @param ms UTC milliseconds */
export function timeOfDay(ms) {
  return clock.format(ms)
}

/**
 * All decimals are shown, also those that Intl would round away: it knows how prices are customarily written, not what the
 * minor unit is.
 * @param minor integer minor units of the currency
 */
export function money(minor, currency, { compact = false } = {}) {
  const decimals = decimalsOf(currency)
  const key = `${currency} ${compact}`
  let format = moneyFormats.get(key)
  if (format === undefined) {
    format = new Intl.NumberFormat(undefined, {
      style: 'currency',
      currency,
      ...(compact
        ? { notation: 'compact', minimumFractionDigits: 0 }
        : { minimumFractionDigits: decimals, maximumFractionDigits: decimals }),
    })
    moneyFormats.set(key, format)
  }
  return format.format(minor / 10 ** decimals)
}

const decimalsByCurrency = new Map(
  [...CURRENCIES_BY_DECIMALS].flatMap(([decimals, currencies]) =>
    currencies.map((currency) => [currency, decimals]),
  ),
)

function decimalsOf(currency) {
  return decimalsByCurrency.get(currency) ?? DECIMALS_DEFAULT
}

/** A duration as a number and its unit. */
export function duration(ms) {
  if (ms < 1000) return [count(ms), 'ms']
  if (ms < 60_000) return [rates.format(ms / 1000), 's']
  return [count(Math.round(ms / 60_000)), 'min']
}

/** Catalogues shout; a page need not. */
export function calmTitle(title) {
  if (title !== title.toUpperCase()) return title
  return title.charAt(0) + title.slice(1).toLowerCase()
}

/** The same for titles inside a sentence. */
export function calmSentence(text) {
  return text.replace(/\b[A-Z][A-Z0-9'&.,/ -]{2,}[A-Z0-9]\b/g, (title) => title.toLowerCase())
}
