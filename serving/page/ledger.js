import { element, setText } from './element.js'
import { count } from './format.js'

/** Shows the ledger as the sum that it is. */
export class LedgerView {
  #list
  #badge
  #rows

  constructor({ list, badge, rows }) {
    this.#list = list
    this.#badge = badge
    this.#rows = rows
  }

  show(ledger) {
    this.#badge.hidden = false
    this.#badge.dataset.balanced = String(ledger.balanced)
    setText(this.#badge, ledger.balanced ? '✓ Balanced' : '✕ Out of balance')
    this.#list.ariaBusy = 'false'
    this.#list.replaceChildren(
      entry('Appended', ledger.appended),
      sign('='),
      entry('Stored', ledger.stored),
      sign('+'),
      entry('Dead-lettered', ledger.dead_lettered),
      sign('+'),
      entry('Pending', ledger.pending),
      entry('Duplicates', ledger.duplicates, 'aside'),
      entry('Late', ledger.late, 'aside'),
    )
    this.#rows.replaceChildren(...ledger.partitions.map(partitionRow))
  }
}

function entry(name, value, className = '') {
  return element('div', className, element('dt', '', name), element('dd', '', count(value)))
}

function sign(text) {
  const made = element('div', 'sign', text)
  made.ariaHidden = 'true'
  return made
}

function partitionRow({ topic, partition, appended, stored, dead_lettered, pending }) {
  const name = element('th', '', `${topic} ${partition}`)
  name.scope = 'row'
  const cells = [appended, stored, dead_lettered, pending]
  return element('tr', '', name, ...cells.map((value) => element('td', '', count(value))))
}
