import { expect, test } from 'vitest'
import type { Point } from '#engines/vectors/port.ts'
import { pointUuid } from './qdrant-point.ts'
import { deleteRequests, upsertRequests } from './qdrant-writes.ts'

const REQUEST_BYTES_MAX = 32 * 1024 * 1024

test('each point replaces an older one only, and equal versions share a condition', () => {
  const [request, ...others] = upsertRequests([at('a', 7), at('b', 7), at('c', 9)])
  expect(others).toEqual([])
  expect(request?.update_filter).toEqual({
    should: [
      { must: [{ has_id: [pointUuid('a'), pointUuid('b')] }, olderThan(7)] },
      { must: [{ has_id: [pointUuid('c')] }, olderThan(9)] },
    ],
  })
})

test('of several points with one id the first of the newest is sent', () => {
  const brands = ['old', 'new', 'same version', 'older']
  const points = [1, 3, 3, 2].map((version, i) => ({
    ...at('a', version),
    payload: { brand: brands[i] ?? '' },
  }))
  const [request] = upsertRequests(points)
  expect(request?.points.map(({ payload }) => payload)).toEqual([
    { brand: 'new', _id: 'a', _version: 3 },
  ])
})

test('a deletion is a point without vectors, of its version', () => {
  const [request] = deleteRequests([{ id: 'a', version: 4 }])
  expect(request).toEqual({
    points: [
      { id: pointUuid('a'), vector: {}, payload: { _id: 'a', _version: 4, _deleted: true } },
    ],
    update_filter: { should: [{ must: [{ has_id: [pointUuid('a')] }, olderThan(4)] }] },
  })
})

test('many points go in several requests, all of them once and in order', () => {
  const points = Array.from({ length: 1000 }, (_, i) => at(`item-${i}`, 1))
  const requests = [...upsertRequests(points)]
  expect(requests.map((request) => request.points.length)).toEqual([256, 256, 256, 232])
  const ids = requests.flatMap((request) => request.points.map(({ payload }) => payload?.['_id']))
  expect(ids).toEqual(points.map(({ id }) => id))
})

test('no request is larger than Qdrant takes, whatever fills it', () => {
  // The longest that a float32 becomes in JSON, and what takes the most bytes a character.
  const vector = new Float32Array(90_000).fill(-1.1754943508222875e-38)
  const text = '👟"'.repeat(30_000)
  const points = Array.from({ length: 10 }, (_, i) => ({
    ...at(`item-${i}`, 1),
    vectors: { text: vector },
    payload: { text },
  }))
  const sizes = [...upsertRequests(points)].map((request) =>
    Buffer.byteLength(JSON.stringify(request)),
  )
  expect(sizes.length).toBeGreaterThan(1)
  expect(Math.max(...sizes)).toBeLessThan(REQUEST_BYTES_MAX)
})

test('nothing to write is no request', () => {
  expect([...upsertRequests([]), ...deleteRequests([])]).toEqual([])
})

function at(id: string, version: number): Point {
  return { id, version, vectors: { text: Float32Array.of(1) }, payload: {} }
}

function olderThan(version: number) {
  return { key: '_version', range: { lt: version } }
}
