import { element, setText } from './element.js'
import { count, duration, money, rate, timeOfDay } from './format.js'
import { LedgerView } from './ledger.js'
import { liveStream } from './live-stream.js'
import { MinuteChart } from './minute-chart.js'
import { MinuteSeries } from './minute-series.js'
import { showMovers } from './movers.js'
import { Recommendations } from './recommendations.js'
import { themeSwitch } from './theme-switch.js'
import { showWarning } from './warning.js'

const RELOAD_MS = 60_000
const byId = (id) => document.getElementById(id)

const series = new MinuteSeries()
const ledger = new LedgerView({
  list: byId('ledger'),
  badge: byId('ledger-badge'),
  rows: byId('ledger-partitions'),
})
const recommendations = new Recommendations({
  list: byId('recommendations'),
  user: byId('recommendations-user'),
  note: byId('recommendations-note'),
  button: byId('another-user'),
})

const ordersChart = new MinuteChart({
  target: byId('orders-chart'),
  readout: byId('orders-readout'),
  name: 'Orders per minute',
  emptyText: 'No orders in the last hour. One shows up here within a second of its arrival.',
  kind: 'bars',
  format: (value) => (Number.isInteger(value) ? count(value) : ''),
})
const currency = byId('currency')
const revenueChart = new MinuteChart({
  target: byId('revenue-chart'),
  readout: byId('revenue-readout'),
  name: 'Revenue per minute',
  emptyText: 'No revenue in the last hour.',
  kind: 'line',
  format: (value, { axis = false } = {}) =>
    currency.value === '' ? '' : money(value, currency.value, { compact: axis }),
})
currency.addEventListener('change', drawCharts)

themeSwitch(byId('theme'), () => {
  ordersChart.redraw()
  revenueChart.redraw()
})

const show = {
  trends(trends) {
    series.update(trends.minutes)
    drawCharts()
    showFigures(trends)
    // A shop that was empty when the page opened may have its first user now.
    if (!recommendations.isShown && trends.active_users > 0) void recommendations.load()
    void showWarning(byId('warning'))
  },
  movers: (movers) => showMovers(byId('movers'), movers),
  ledger: (taken) => ledger.show(taken),
}

const STATES = { live: 'Live', reconnecting: 'Reconnecting' }

liveStream({
  onEvent: (name, data) => show[name](data),
  onState(state) {
    // Minutes may have passed unseen.
    if (state === 'live' && byId('state').dataset.state !== 'live') void loadHour()
    byId('state').dataset.state = state
    setText(byId('state-text'), STATES[state])
  },
})
void recommendations.load()
// Late events change minutes that the stream no longer sends.
setInterval(() => void loadHour(), RELOAD_MS)

async function loadHour() {
  try {
    await series.load()
    drawCharts()
  } catch {
    // The stream says "reconnecting" already, and the next turn tries again.
  }
}

function drawCharts() {
  offerCurrencies(series.currencies)
  ordersChart.show(series.times, series.orders)
  revenueChart.show(series.times, series.revenue(currency.value))
}

function offerCurrencies(names) {
  const offered = [...currency.options].map((option) => option.value)
  if (offered.join() === names.join()) return
  const chosen = currency.value
  currency.replaceChildren(...names.map((name) => new Option(name, name)))
  if (names.includes(chosen)) currency.value = chosen
  currency.hidden = names.length < 2
}

function showFigures({ events_per_second, active_users, freshness, watermark }) {
  if (events_per_second !== null) setText(byId('events-per-second'), rate(events_per_second))
  setText(byId('active-users'), count(active_users))
  setText(byId('orders-hour'), count(series.orders.reduce((sum, orders) => sum + orders, 0)))
  showFreshness(freshness)
  setText(
    byId('watermark'),
    watermark === null ? '' : `Complete up to ${timeOfDay(Date.parse(watermark))}`,
  )
}

function showFreshness(freshness) {
  if (freshness === null) {
    byId('freshness').replaceChildren('–')
    setText(byId('freshness-note'), 'nothing arrived in 5 minutes')
    return
  }
  const [p50, p50Unit] = duration(freshness.p50_ms)
  const [p95, p95Unit] = duration(freshness.p95_ms)
  byId('freshness').replaceChildren(p50, element('small', '', ` ${p50Unit}`))
  setText(byId('freshness-note'), `arrival to row, 95 % in ${p95} ${p95Unit}`)
}
