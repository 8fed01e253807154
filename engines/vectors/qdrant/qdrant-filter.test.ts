import { expect, test } from 'vitest'
import { toQdrantFilter } from './qdrant-filter.ts'
import { pointUuid } from './qdrant-point.ts'

test.each([
  [
    { field: 'brand', match: 'Fell' },
    { key: 'brand', match: { value: 'Fell' } },
  ],
  [
    { field: 'in_stock', match: false },
    { key: 'in_stock', match: { value: false } },
  ],
  [
    { field: 'price', match: 0.5 },
    { key: 'price', range: { gte: 0.5, lte: 0.5 } },
  ],
  [
    { field: 'category', any: ['a', 'b'] },
    { key: 'category', match: { any: ['a', 'b'] } },
  ],
  [
    { field: 'category', any: [] },
    { key: 'category', match: { any: [] } },
  ],
  [
    { field: 'price', range: { gte: 1 } },
    { key: 'price', range: { gte: 1 } },
  ],
  [{ ids: ['a', 'b'] }, { has_id: [pointUuid('a'), pointUuid('b')] }],
  [{ ids: [] }, { has_id: [] }],
])('%j in Qdrant’s format', (condition, expected) => {
  expect(toQdrantFilter({ must: [condition] })).toEqual({ must: [expected], must_not: [] })
  expect(toQdrantFilter({ mustNot: [condition] })).toEqual({ must: [], must_not: [expected] })
})

test('ids are UUIDs of version 5 that stay what they are', () => {
  expect(pointUuid('P-1')).toBe('637541c8-8364-5896-a49f-8ef60b9fa489')
  expect(pointUuid('é')).not.toBe(pointUuid('é'.normalize('NFD')))
})
