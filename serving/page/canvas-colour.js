import { element } from './element.js'

const sample = element('i', 'unseen')
sample.ariaHidden = 'true'
document.body.append(sample)

/** The colour that a custom property has in this theme; canvas takes no `light-dark()`, so an element computes it. */
export function canvasColour(property) {
  sample.style.color = `var(${property})`
  return getComputedStyle(sample).color
}
