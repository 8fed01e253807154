import { element } from './element.js'
import { calmTitle, count, times } from './format.js'
import { sparkline } from './sparkline.js'

/** Shows the products whose share grew most, as `event: movers` has them. */
export function showMovers(list, { items }) {
  list.ariaBusy = 'false'
  if (items.length === 0) {
    const text =
      'No product was viewed or bought in the last hour. The first one shows up here within seconds.'
    list.replaceChildren(element('li', 'empty', text))
    return
  }
  list.replaceChildren(...items.map(mover))
}

function mover(item, index) {
  const title = element('p', 'title', calmTitle(item.title))
  title.title = item.title
  return element(
    'li',
    '',
    element('span', 'rank', String(index + 1)),
    element('div', '', title, element('p', 'why', acts(item))),
    sparkline(item.activity),
    element('p', 'lift', item.lift === null ? '' : times(item.lift)),
  )
}

function acts({ views, carts, purchases }) {
  return [amount(views, 'view'), amount(carts, 'cart'), amount(purchases, 'purchase')]
    .filter((text) => text !== '')
    .join(' · ')
}

function amount(value, noun) {
  return value === 0 ? '' : `${count(value)} ${noun}${value === 1 ? '' : 's'}`
}
