import type { Schemas } from '@qdrant/js-client-rest'
import type { Condition, Filter, Scalar } from '#engines/vectors/port.ts'
import { pointUuid } from './qdrant-point.ts'

/** The filter in Qdrant's format. */
export function toQdrantFilter({ must = [], mustNot = [] }: Filter) {
  return {
    must: must.map(toQdrantCondition),
    must_not: mustNot.map(toQdrantCondition),
  } satisfies Schemas['Filter']
}

function toQdrantCondition(condition: Condition): Schemas['Condition'] {
  if ('ids' in condition) return { has_id: condition.ids.map(pointUuid) }
  const { field: key } = condition
  if ('match' in condition) return { key, ...equality(condition.match) }
  if ('any' in condition) return { key, match: { any: [...condition.any] } }
  return { key, range: condition.range }
}

/** Qdrant matches no fractions, and a whole number may stand in an index of either kind: a range finds both. */
function equality(value: Scalar): Pick<Schemas['FieldCondition'], 'match' | 'range'> {
  return typeof value === 'number' ? { range: { gte: value, lte: value } } : { match: { value } }
}
