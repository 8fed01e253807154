const MINUTE_MS = 60_000
const MINUTES = 60
/** ISO 4217's "no currency": the zeros of a shop without any price. */
const NO_CURRENCY = 'XXX'

/** Orders and revenue of the last 60 minutes, kept current by whole minutes that replace what was known of them. */
export class MinuteSeries {
  #minutes = new Map()

  /** Fetches the hour anew. @throws when Freshet does not answer */
  async load() {
    const [orders, revenue] = await Promise.all([
      points('/v1/trends/orders?interval=1m'),
      points('/v1/trends/revenue?interval=1m'),
    ])
    const minutes = new Map(
      orders.map((point) => [Date.parse(point.time), { orders: point.orders, revenue: new Map() }]),
    )
    for (const { time, currency, revenue_minor } of revenue) {
      if (currency === NO_CURRENCY) continue
      minutes.get(Date.parse(time))?.revenue.set(currency, revenue_minor)
    }
    this.#minutes = minutes
  }

  /** Takes minutes as the live stream sends them. */
  update(minutes) {
    for (const { time, orders, revenue } of minutes) {
      const byCurrency = new Map(revenue.map((entry) => [entry.currency, entry.revenue_minor]))
      this.#minutes.set(Date.parse(time), { orders, revenue: byCurrency })
    }
    const newest = Math.max(...this.#minutes.keys())
    for (const time of this.#minutes.keys()) {
      if (time <= newest - MINUTES * MINUTE_MS) this.#minutes.delete(time)
    }
  }

  /** The start of every minute, the oldest first, without holes. */
  get times() {
    if (this.#minutes.size === 0) return []
    const newest = Math.max(...this.#minutes.keys())
    return Array.from({ length: MINUTES }, (_, at) => newest - (MINUTES - 1 - at) * MINUTE_MS)
  }

  get orders() {
    return this.times.map((time) => this.#minutes.get(time)?.orders ?? 0)
  }

  revenue(currency) {
    return this.times.map((time) => this.#minutes.get(time)?.revenue.get(currency) ?? 0)
  }

  /** The currencies with revenue in the hour, the largest first; those known of without any when there is none. */
  get currencies() {
    const sums = new Map()
    for (const { revenue } of this.#minutes.values()) {
      for (const [currency, minor] of revenue) {
        sums.set(currency, (sums.get(currency) ?? 0) + minor)
      }
    }
    const sold = [...sums].filter(([, sum]) => sum > 0)
    return (sold.length > 0 ? sold : [...sums]).sort((a, b) => b[1] - a[1]).map(([name]) => name)
  }
}

async function points(url) {
  const response = await fetch(url, { cache: 'no-store' })
  if (!response.ok) throw new Error(`${url} answered ${response.status}`)
  return (await response.json()).points
}
