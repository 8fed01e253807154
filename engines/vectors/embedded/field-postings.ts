import type { Payload, Scalar } from '#engines/vectors/port.ts'

/** Which slots carry each value of one payload field, so that a narrow filter scans only those. */
export class FieldPostings {
  readonly #field: string
  readonly #slots = new Map<Scalar, Set<number>>()

  constructor(field: string) {
    this.#field = field
  }

  add(slot: number, payload: Payload): void {
    for (const value of valuesOf(payload[this.#field])) {
      const slots = this.#slots.get(value)
      if (slots) slots.add(slot)
      else this.#slots.set(value, new Set([slot]))
    }
  }

  remove(slot: number, payload: Payload): void {
    for (const value of valuesOf(payload[this.#field])) {
      const slots = this.#slots.get(value)
      slots?.delete(slot)
      if (slots?.size === 0) this.#slots.delete(value)
    }
  }

  /** The slots that carry one of the values, each once. */
  slotsOf(values: readonly Scalar[]): ReadonlySet<number> {
    const [first, ...others] = values
    if (first !== undefined && others.length === 0) return this.#slots.get(first) ?? new Set()
    const union = new Set<number>()
    for (const value of values) for (const slot of this.#slots.get(value) ?? []) union.add(slot)
    return union
  }
}

function valuesOf(value: Payload[string] | undefined): readonly Scalar[] {
  if (value === undefined || value === null) return []
  return typeof value === 'object' ? value : [value]
}
