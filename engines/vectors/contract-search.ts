import type { Condition, Filter, Point, SearchRequest } from '#engines/vectors/port.ts'

/** What a search must find, computed in the simplest way. */
export function referenceSearch(points: ReadonlyMap<string, Point>, request: SearchRequest) {
  const hits: { id: string; score: number }[] = []
  for (const candidate of points.values()) {
    const row = candidate.vectors[request.using]
    if (row === undefined || !passes(candidate, request.filter)) continue
    const score = row.reduce((sum, value, index) => sum + value * (request.vector[index] ?? 0), 0)
    hits.push({ id: candidate.id, score: score + 0 })
  }
  return hits.sort((a, b) => b.score - a.score || (a.id < b.id ? -1 : 1)).slice(0, request.limit)
}

function passes(candidate: Point, { must = [], mustNot = [] }: Filter = {}): boolean {
  const holds = (condition: Condition): boolean => {
    if ('ids' in condition) return condition.ids.includes(candidate.id)
    const values = [candidate.payload[condition.field]].flat()
    return values.some((value) => {
      if (value === null || value === undefined) return false
      if ('match' in condition) return value === condition.match
      if ('any' in condition) return condition.any.some((wanted) => wanted === value)
      const { gte = Number.NEGATIVE_INFINITY, lte = Number.POSITIVE_INFINITY } = condition.range
      return typeof value === 'number' && gte <= value && value <= lte
    })
  }
  return must.every(holds) && !mustNot.some(holds)
}
