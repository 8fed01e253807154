import { element } from './element.js'

const probe = element('i', 'unseen')
probe.ariaHidden = 'true'
document.body.append(probe)

/** The colour that a custom property has in this theme; canvas takes no `light-dark()`, so an element computes it. */
export function canvasColour(property) {
  probe.style.color = `var(${property})`
  return getComputedStyle(probe).color
}
