import { expect, test } from 'vitest'
import { operationOf, violations } from './published-api.ts'
import type { Exchange } from './record-exchanges.ts'

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
const FORBIDDEN: Exchange = { ...REFUSED, status: 403, answer: 'Must provide an API key' }
const point = { id: 7, vector: { text: [1] } }
const filtered = (condition: object) => ({
  request: { points: [point], update_filter: { must: [condition] } },
})

/** What Qdrant publishes, with one thing in it changed. */
const PLANTED: Readonly<Record<string, Exchange>> = {
  'a path': { ...UPSERT, path: '/collections/items/point' },
  'a method': { ...UPSERT, method: 'PATCH', path: '/collections/items/points' },
  'a query parameter': { ...UPSERT, path: '/collections/items/points?await=true' },
  'the type of a query parameter': { ...UPSERT, path: '/collections/items/points?wait=1.5' },
  'a word of a query parameter': { ...UPSERT, path: '/collections/items/points?ordering=soft' },
  'a property of the request': { ...UPSERT, request: { points: [{ ...point, colour: 'red' }] } },
  'a property of a filter': {
    ...UPSERT,
    request: { points: [point], update_filter: { musst: [] } },
  },
  'a condition': { ...UPSERT, ...filtered({ kex: 'a' }) },
  'a match': { ...UPSERT, ...filtered({ key: 'a', match: { valeu: 1 } }) },
  'two conditions in one': { ...UPSERT, ...filtered({ key: 'a', has_id: [1] }) },
  'a condition that is a filter too': {
    ...UPSERT,
    ...filtered({ key: 'a', match: { value: 1 }, must: [] }),
  },
  'a type in the request': { ...UPSERT, request: { points: [{ ...point, id: true }] } },
  'null in the request': { ...UPSERT, request: { points: null } },
  'a vector': { ...UPSERT, request: { points: [{ id: 7, vector: { text: ['1'] } }] } },
  'what the request needs': { ...UPSERT, request: { points: [{ id: 7 }] } },
  'the form of the request': { ...UPSERT, request: [point] },
  'no request': { ...UPSERT, request: undefined },
  'a request where none belongs': { ...REFUSED, request: {} },
  'a property of the answer': { ...UPSERT, answer: { result: { status: 'completed' }, took: 1 } },
  'a type in the answer': { ...UPSERT, answer: { result: { status: 'completed' }, time: '1 ms' } },
  'a type deep in the answer': {
    ...UPSERT,
    answer: { result: { status: 'completed', operation_id: 'x' } },
  },
  'a word of the answer': { ...UPSERT, answer: { result: { status: 'done' } } },
  'the form of the answer': { ...UPSERT, answer: 'completed' },
  'what the answer needs': { ...UPSERT, answer: { result: {} } },
  'the form of an error': { ...REFUSED, answer: { error: 'no such collection' } },
  'a status': { ...REFUSED, path: '/healthz', status: 500, answer: {} },
}

test('what Qdrant publishes passes', async () => {
  const numbered = { ...UPSERT, request: { points: [{ id: 7, vector: {} }] } }
  const found = await violations([UPSERT, REFUSED, FORBIDDEN, numbered])
  expect(found.flat()).toEqual([])
  expect(operationOf(UPSERT)).toBe('PUT /collections/{collection_name}/points')
  expect(operationOf({ ...REFUSED, path: '/aliases' })).toBe('GET /aliases')
})

test('whatever Qdrant does not publish is reported', async () => {
  const names = Object.keys(PLANTED)
  const found = await violations([UPSERT, ...Object.values(PLANTED), UPSERT])
  expect(found.at(0)).toEqual([])
  expect(names.filter((_, i) => found[i + 1]?.length === 0)).toEqual([])
  expect(found.at(-1)).toEqual([])
})
