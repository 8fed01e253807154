/** An HTML element with its class and its content: texts and other elements. */
export function element(tag, className, ...content) {
  const made = document.createElement(tag)
  if (className !== '') made.className = className
  made.append(...content)
  return made
}

const SVG = 'http://www.w3.org/2000/svg'

/** An SVG element with its attributes. */
export function svgElement(tag, attributes, ...content) {
  const made = document.createElementNS(SVG, tag)
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value)
  made.append(...content)
  return made
}

/** Sets a text only when it is another, so that assistive technology hears changes alone. */
export function setText(target, text) {
  if (target.textContent !== text) target.textContent = text
}
