/** How a set of measurements is spread, in whole milliseconds. */
export interface Spread {
  readonly p50: number
  readonly p95: number
  readonly max: number
}

/** @throws RangeError when nothing was measured */
export function spread(values: readonly number[]): Spread {
  const sorted = [...values].sort((a, b) => a - b)
  const at = (share: number) => {
    const value = sorted[Math.ceil(share * sorted.length) - 1]
    if (value === undefined) throw new RangeError('nothing was measured')
    return Math.round(value)
  }
  return { p50: at(0.5), p95: at(0.95), max: at(1) }
}
