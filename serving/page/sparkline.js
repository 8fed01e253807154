import { svgElement } from './element.js'

const WIDTH = 96
const HEIGHT = 30
const GAP = 2

/** Bars for a few counts; steps without any keep a faint base. Decoration: the text beside it says the same. */
export function sparkline(values) {
  const highest = Math.max(1, ...values)
  const step = WIDTH / values.length
  return svgElement(
    'svg',
    { class: 'sparkline', viewBox: `0 0 ${WIDTH} ${HEIGHT}`, 'aria-hidden': 'true' },
    ...values.map((value, at) => {
      const height = value === 0 ? 2 : Math.max(3, (value / highest) * HEIGHT)
      return svgElement('rect', {
        x: at * step,
        y: HEIGHT - height,
        width: step - GAP,
        height,
        rx: 1,
        class: value === 0 ? 'quiet' : 'active',
      })
    }),
  )
}
