import type { Condition, Filter, Payload, Scalar } from '#engines/vectors/port.ts'

export type PointTest = (id: string, payload: Payload) => boolean

/** The filter as a function: every `must` holds and no `mustNot` does. */
export function pointTest(filter: Filter | undefined): PointTest {
  const must = (filter?.must ?? []).map(conditionTest)
  const mustNot = (filter?.mustNot ?? []).map(conditionTest)
  return (id, payload) =>
    must.every((holds) => holds(id, payload)) && !mustNot.some((holds) => holds(id, payload))
}

function conditionTest(condition: Condition): PointTest {
  if ('ids' in condition) {
    const ids = new Set(condition.ids)
    return (id) => ids.has(id)
  }
  const holds = valueTest(condition)
  const { field } = condition
  return (_, payload) => {
    const value = payload[field]
    if (value === undefined || value === null) return false
    return typeof value === 'object' ? value.some(holds) : holds(value)
  }
}

function valueTest(condition: Exclude<Condition, { ids: unknown }>): (value: Scalar) => boolean {
  if ('match' in condition) return (value) => value === condition.match
  if ('any' in condition) {
    const wanted = new Set<Scalar>(condition.any)
    return (value) => wanted.has(value)
  }
  const { gte = Number.NEGATIVE_INFINITY, lte = Number.POSITIVE_INFINITY } = condition.range
  return (value) => typeof value === 'number' && value >= gte && value <= lte
}
