import { element } from './element.js'
import { calmSentence, calmTitle, duration, money } from './format.js'

const ITEMS = 6
const REASONS = 2

/** Fetches and shows the recommendations of a user at random, each with its reasons. */
export class Recommendations {
  #list
  #user
  #note
  #button
  #loading = false
  #isShown = false

  constructor({ list, user, note, button }) {
    this.#list = list
    this.#user = user
    this.#note = note
    this.#button = button
    button.addEventListener('click', () => void this.load())
  }

  get isShown() {
    return this.#isShown
  }

  async load() {
    if (this.#loading) return
    this.#loading = true
    this.#button.ariaDisabled = 'true'
    try {
      const response = await fetch(`/v1/recommendations/sample?limit=${ITEMS}`, {
        cache: 'no-store',
      })
      if (response.status === 404)
        this.#explain(
          'Nobody has looked at a product yet. Send some events and a user shows up here.',
        )
      else if (response.ok) this.#show(await response.json())
      else this.#explain('The recommender does not answer right now.')
    } catch {
      this.#explain('Freshet does not answer right now.')
    } finally {
      this.#loading = false
      this.#button.ariaDisabled = 'false'
    }
  }

  #show({ user_id, items, freshness_ms, model_version }) {
    this.#isShown = true
    this.#list.ariaBusy = 'false'
    this.#user.textContent = ` for ${user_id}`
    this.#list.replaceChildren(...items.map(recommendation))
    const fresh =
      freshness_ms === null ? '' : `newest evidence ${duration(freshness_ms).join(' ')} old · `
    this.#note.textContent = `${fresh}model ${model_version}`
  }

  #explain(text) {
    this.#isShown = false
    this.#list.ariaBusy = 'false'
    this.#user.textContent = ''
    this.#note.textContent = ''
    this.#list.replaceChildren(element('li', 'empty', text))
  }
}

function recommendation(item) {
  const title = element('p', 'title', calmTitle(item.title))
  title.title = item.title
  const why = item.reasons
    .slice(0, REASONS)
    .map((reason) => element('p', 'why', calmSentence(reason.text)))
  const price = item.currency === '' ? '' : money(item.price_minor, item.currency)
  return element('li', '', element('div', '', title, ...why), element('p', 'price', price))
}
