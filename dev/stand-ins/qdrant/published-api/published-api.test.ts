import { env } from 'node:process'
import { expect, test } from 'vitest'
import { PublishedApi } from './published-api.ts'
import type { Exchange } from './record-exchanges.ts'

// Each case is one that Qdrant publishes, with one thing in it changed.

const api = new PublishedApi(env['QDRANT_OPENAPI'])

const UUID = '0c9dc1e4-4e1d-5a5c-8e57-6f3a0d9c7b11'
const UPSERT: Exchange = {
  method: 'PUT',
  path: '/collections/items/points?wait=true',
  request: {
    points: [{ id: UUID, vector: { text: [0.5, 1] }, payload: { _version: 3, brand: null } }],
    update_filter: { should: [{ must: [{ key: '_version', range: { lt: 3 } }] }] },
  },
  status: 200,
  answer: { result: { operation_id: 1, status: 'completed' }, status: 'ok', time: 0.01 },
}
const REFUSED: Exchange = {
  method: 'GET',
  path: '/collections/items',
  request: undefined,
  status: 404,
  answer: { status: { error: "Not found: Collection `items` doesn't exist!" }, time: 0 },
}

test('what Qdrant publishes passes', () => {
  const uuid = { ...UPSERT, request: { points: [{ id: 7, vector: {} }] } }
  expect([UPSERT, REFUSED, uuid].flatMap((exchange) => api.violations(exchange))).toEqual([])
})

const point = { id: 7, vector: { text: [1] } }
test.each<[string, Partial<Exchange>]>([
  ['a path', { path: '/collections/items/point' }],
  ['a method', { method: 'PATCH', path: '/collections/items/points' }],
  ['a query parameter', { path: '/collections/items/points?await=true' }],
  ['the type of a query parameter', { path: '/collections/items/points?wait=1.5' }],
  ['a property of the request', { request: { points: [{ ...point, colour: 'red' }] } }],
  ['a property of a filter', { request: { points: [point], update_filter: { musst: [] } } }],
  ['a condition', { request: { points: [point], update_filter: { must: [{ kex: 'a' }] } } }],
  ['a type in the request', { request: { points: [{ ...point, id: true }] } }],
  ['a vector', { request: { points: [{ id: 7, vector: { text: ['1'] } }] } }],
  ['what the request needs', { request: { points: [{ id: 7 }] } }],
  ['a property of the answer', { answer: { result: { status: 'completed' }, took: 1 } }],
  ['a type in the answer', { answer: { result: { status: 'completed' }, time: '1 ms' } }],
  ['a word of the answer', { answer: { result: { status: 'done' } } }],
  ['the form of the answer', { answer: 'completed' }],
  ['what the answer needs', { answer: { result: {} } }],
])('%s that Qdrant does not publish is told', (_, change) => {
  expect(api.violations({ ...UPSERT, ...change }).length).toBeGreaterThan(0)
})

test('an error in a form of its own is told', () => {
  expect(api.violations({ ...REFUSED, answer: { error: 'no such collection' } })).not.toEqual([])
  expect(api.violations({ ...REFUSED, request: {} })).not.toEqual([])
})
