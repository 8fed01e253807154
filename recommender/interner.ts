/**
 * Strings as small integers, so that everything else can live in typed arrays. The numbers count up from 0 and are
 * never given to another string; at most `capacity` strings are taken in.
 */
export class Interner {
  readonly capacity: number
  readonly #numbers = new Map<string, number>()
  readonly #strings: string[] = []

  constructor(capacity: number) {
    this.capacity = capacity
  }

  get size(): number {
    return this.#strings.length
  }

  /** The number of `text`, a new one at its first use; undefined when there is no room for it. */
  intern(text: string): number | undefined {
    const known = this.#numbers.get(text)
    if (known !== undefined) return known
    const number = this.#strings.length
    if (number >= this.capacity) return undefined
    this.#numbers.set(text, number)
    this.#strings.push(text)
    return number
  }

  find(text: string): number | undefined {
    return this.#numbers.get(text)
  }

  /** The string that got `number`. */
  text(number: number): string {
    const text = this.#strings[number]
    if (text === undefined) throw new RangeError(`nothing was interned as ${number}`)
    return text
  }
}
