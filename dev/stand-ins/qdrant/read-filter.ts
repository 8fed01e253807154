import { pointTest } from '#engines/vectors/embedded/payload-filter.ts'
import type { Condition, Filter, Point } from '#engines/vectors/port.ts'
import type { QdrantCondition, QdrantFilter, RangeCondition } from './qdrant-bodies.ts'
import { notInStandIn } from './qdrant-refusal.ts'

/** Translates Qdrant's filter to our port's, for searches. */
export function readFilter({ must = [], must_not = [], should }: QdrantFilter = {}): Filter {
  if (should !== undefined) throw notInStandIn('filter with `should` here')
  return { must: must.map(readCondition), mustNot: must_not.map(readCondition) }
}

/** Qdrant's filter as a predicate of single points; supports every filter of the request schemas. */
export function filterTest({ must = [], must_not = [], should = [] }: QdrantFilter) {
  const [all, none, some] = [must, must_not, should].map((conditions) =>
    conditions.map(conditionTest),
  ) as [PointTest[], PointTest[], PointTest[]]
  return (point: Point): boolean =>
    all.every((holds) => holds(point)) &&
    !none.some((holds) => holds(point)) &&
    (some.length === 0 || some.some((holds) => holds(point)))
}

type PointTest = (point: Point) => boolean

function conditionTest(condition: QdrantCondition): PointTest {
  if ('range' in condition) return rangeTest(condition)
  if (!('key' in condition || 'has_id' in condition)) return filterTest(condition)
  const passes = pointTest({ must: [readCondition(condition)] })
  return ({ id, payload }) => passes(id, payload)
}

function rangeTest({ key, range: { gt, gte, lt, lte } }: RangeCondition): PointTest {
  const isInside = (value: unknown) =>
    typeof value === 'number' &&
    (gt === undefined || value > gt) &&
    (gte === undefined || value >= gte) &&
    (lt === undefined || value < lt) &&
    (lte === undefined || value <= lte)
  return ({ payload }) => [payload[key]].flat().some(isInside)
}

function readCondition(condition: QdrantCondition): Condition {
  if ('has_id' in condition) return { ids: condition.has_id }
  if (!('key' in condition)) throw notInStandIn('filter in a filter here')
  const { key: field } = condition
  if ('range' in condition) {
    const { gt, lt, gte, lte } = condition.range
    if (gt !== undefined || lt !== undefined) throw notInStandIn('range with `gt` or `lt` here')
    return {
      field,
      range: { ...(gte !== undefined && { gte }), ...(lte !== undefined && { lte }) },
    }
  }
  const { match } = condition
  return 'any' in match ? { field, any: match.any } : { field, match: match.value }
}
