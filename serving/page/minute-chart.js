import uPlot from '/assets/uplot.js'
import { canvasColour } from './canvas-colour.js'
import { element } from './element.js'
import { timeOfDay } from './format.js'

const FONT = '12px system-ui, sans-serif'
/** Room for the first and the last bar. */
const HALF_MINUTE_MS = 30_000

const BAR = {
  paths: uPlot.paths.bars({ size: [0.72, 14], radius: 0.25 }),
  width: 0,
  points: { show: false },
}
const LINE = {
  // Straight from minute to minute: a curve would show money that was not there.
  paths: uPlot.paths.linear(),
  width: 2,
  stroke: () => canvasColour('--accent'),
  points: { show: false },
}
const AXIS = { stroke: () => canvasColour('--muted'), font: FONT, ticks: { show: false } }

/** How the whole minutes look, and the one that is still filling: fainter. */
const SERIES = {
  bars: [
    { ...BAR, fill: () => canvasColour('--accent') },
    { ...BAR, fill: () => canvasColour('--accent-faint') },
  ],
  line: [
    { ...LINE, fill: () => canvasColour('--accent-soft') },
    { ...LINE, dash: [3, 4] },
  ],
}

/** One figure over the last 60 minutes. The readout tells the minute pointed at, else the last whole one. */
export class MinuteChart {
  #spec
  #plot
  #emptyText
  #times = []
  #values = []

  /** `spec`: target and readout (elements), name, emptyText, kind ('bars' or 'line'), format(value, { axis }). */
  constructor(spec) {
    this.#spec = spec
    this.#emptyText = element('p', 'empty', spec.emptyText)
    this.#plot = new uPlot(this.#options(), [[], [], []], spec.target)
    new ResizeObserver(() => this.#plot.setSize(this.#size())).observe(spec.target)
  }

  /** Times are the starts of the minutes, UTC milliseconds, the oldest first. */
  show(times, values) {
    this.#times = times
    this.#values = values
    const newest = values.length - 1
    // A line to the newest minute starts at the one before; a bar stands alone.
    const filling = this.#spec.kind === 'line' ? newest - 1 : newest
    this.#plot.setData([
      times,
      values.map((value, at) => (at < newest ? value : null)),
      values.map((value, at) => (at >= filling ? value : null)),
    ])
    this.#tell()
    this.#describe()
  }

  /** After a change of theme. */
  redraw() {
    this.#plot.redraw()
  }

  #options() {
    const { kind, format } = this.#spec
    return {
      ...this.#size(),
      ms: 1,
      padding: [8, 22, 0, 0],
      legend: { show: false },
      cursor: { y: false, drag: { x: false, y: false }, points: { show: kind === 'line' } },
      scales: {
        x: { range: (_, first, last) => [first - HALF_MINUTE_MS, last + HALF_MINUTE_MS] },
        y: { range: (_, _lowest, highest) => [0, Math.max(highest ?? 0, 1) * 1.05] },
      },
      series: [{}, ...SERIES[kind]],
      axes: [
        {
          ...AXIS,
          size: 26,
          space: 80,
          grid: { show: false },
          values: (_, times) => times.map((time) => timeOfDay(time)),
        },
        {
          ...AXIS,
          size: 44,
          space: 44,
          grid: { stroke: () => canvasColour('--line'), width: 1 },
          values: (_, values) => values.map((value) => format(value, { axis: true })),
        },
      ],
      hooks: { setCursor: [() => this.#tell()] },
    }
  }

  #size() {
    const { clientWidth, clientHeight } = this.#spec.target
    return { width: Math.max(120, clientWidth), height: clientHeight }
  }

  #tell() {
    const at = this.#plot?.cursor.idx ?? this.#values.length - 2
    const value = this.#values[at]
    const text = value === undefined ? '' : this.#spec.format(value)
    if (text === '') return
    const figure = element('b', '', text)
    this.#spec.readout.replaceChildren(figure, ` at ${timeOfDay(this.#times[at])}`)
  }

  #describe() {
    const { target, name, format } = this.#spec
    const highest = Math.max(0, ...this.#values)
    if (highest === 0) target.append(this.#emptyText)
    else this.#emptyText.remove()
    target.ariaLabel =
      highest === 0
        ? `${name} over the last hour: none`
        : `${name} over the last hour: ${format(this.#values.at(-2))} in the last whole minute, ${format(highest)} at most`
  }
}
