import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type QdrantStandIn, startQdrantStandIn } from './start-qdrant-stand-in.ts'

// Qdrant's behaviour that our adapter does not rely on; the rest is in the adapter's contract suite.

const ITEMS = { vectors: { look: { size: 2, distance: 'Dot' } } }
const UUID = '0c9dc1e4-4e1d-5a5c-8e57-6f3a0d9c7b11'

let folder: string
let standIn: QdrantStandIn
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'freshet-qdrant-'))
  standIn = await startQdrantStandIn({ folder })
  await ask('PUT', '/collections/items', ITEMS)
})
afterEach(async () => {
  await standIn[Symbol.asyncDispose]()
  await rm(folder, { recursive: true })
})

test('title, header and health check say that it is a stand-in', async () => {
  const response = await fetch(httpUrl())
  expect(response.headers.get('x-freshet-stand-in')).toBe('embedded vectors')
  expect(await response.json()).toEqual({
    title: "Freshet's embedded vectors, standing in for Qdrant",
    version: '1.19.0',
  })
  const health = await fetch(`${httpUrl()}/readyz`)
  expect([health.status, await health.text()]).toEqual([
    200,
    expect.stringContaining('standing in'),
  ])
})

test('an upsert replaces the stored point, unless its filter excludes it', async () => {
  await upsert([{ id: 1, vector: { look: [1, 0] }, payload: { n: 5 } }])
  await upsert([{ id: 1, vector: {}, payload: { n: 4 } }])
  expect(await payloads([1])).toEqual([{ n: 4 }])
  const below = (lt: number) => ({ must: [{ key: 'n', range: { lt } }] })
  await upsert([point(1, { n: 6 }), point(2, { n: 6 })], below(4))
  expect(await payloads([1, 2])).toEqual([{ n: 4 }, { n: 6 }])
  await upsert([point(1, { n: 7 })], { should: [below(5), { must: [{ has_id: [3] }] }] })
  expect(await payloads([1])).toEqual([{ n: 7 }])
  await upsert([point(1, { n: 8 })], { must_not: [{ has_id: [1] }] })
  expect(await payloads([1])).toEqual([{ n: 7 }])
})

test('of several points with one id the last is stored', async () => {
  await upsert([point(UUID, { n: 2 }), point(UUID, { n: 1 })])
  expect(await payloads([UUID])).toEqual([{ n: 1 }])
})

test('points deleted by id can be stored again', async () => {
  await upsert([point(1, { n: 1 })])
  const deleted = await ask('POST', '/collections/items/points/delete', { points: [1, 2] })
  expect(deleted.body.result).toMatchObject({ status: 'acknowledged' })
  expect(await payloads([1])).toEqual([])
  await upsert([point(1, { n: 0 })])
  expect(await payloads([1])).toEqual([{ n: 0 }])
})

test('deleting a collection deletes its aliases', async () => {
  await ask('POST', '/collections/aliases', {
    actions: [{ create_alias: { alias_name: 'shop', collection_name: 'items' } }],
  })
  expect((await ask('GET', '/collections/shop')).status).toBe(200)
  expect((await ask('DELETE', '/collections/items')).body.result).toBe(true)
  expect((await ask('GET', '/aliases')).body.result).toEqual({ aliases: [] })
  expect((await ask('DELETE', '/collections/items')).body.result).toBe(false)
})

test('points, indexes, aliases and versions survive a restart', async () => {
  await ask('POST', '/collections/aliases', {
    actions: [{ create_alias: { alias_name: 'shop', collection_name: 'items' } }],
  })
  const index = { field_name: 'n', field_schema: { type: 'integer', range: true, lookup: false } }
  await ask('PUT', '/collections/items/index?wait=true', index)
  await upsert([point(1, { n: 1 })])
  await upsert([point(1, { n: 2 })])
  const before = (await ask('GET', '/collections/shop')).body
  await standIn[Symbol.asyncDispose]()
  standIn = await startQdrantStandIn({ folder })
  const after = (await ask('GET', '/collections/shop')).body
  expect(after.result).toEqual(before.result)
  expect(after.result).toMatchObject({
    points_count: 1,
    payload_schema: { n: { data_type: 'integer' } },
  })
  await upsert([point(1, { n: 3 })])
  expect(await payloads([1])).toEqual([{ n: 3 }])
})

const POINTS = 'PUT /collections/items/points'
test.each([
  ['what is not JSON', POINTS, '{"points": [', 400, 'Format error'],
  ['an id of another kind', POINTS, { points: [point('x', {})] }, 400, 'Format error'],
  ['a vector without a name', POINTS, { points: [{ id: 1, vector: [1, 2] }] }, 400, 'Format error'],
  ['another length', POINTS, { points: [{ id: 1, vector: { look: [1] } }] }, 400, 'Wrong input'],
  ['a field unknown to it', POINTS, { points: [], shard_key: 'a' }, 400, 'shard_key'],
  [
    'a limit of none',
    'POST /collections/items/points/query/batch',
    { searches: [{ query: [1, 0], using: 'look', limit: 0 }] },
    422,
    'Validation error',
  ],
  ['a collection that is there', 'PUT /collections/items', ITEMS, 409, 'already exists'],
  ['a collection that is not', 'GET /collections/none', undefined, 404, "doesn't exist"],
  ['a snapshot', 'POST /collections/items/snapshots', undefined, 501, 'stand-in'],
  [
    'a filter too rich to count with',
    'POST /collections/items/points/count',
    { filter: { should: [] } },
    501,
    'stand-in',
  ],
])('%s is refused', async (...row) => {
  const [, request, body, status, words] = row
  const [method = '', path = ''] = request.split(' ')
  const refused = await ask(method, path, body)
  expect(refused.status).toBe(status)
  expect(refused.body).toEqual({
    status: { error: expect.stringContaining(words) },
    time: expect.any(Number),
  })
})

test('with an API key, health checks need none and all else does', async () => {
  await standIn[Symbol.asyncDispose]()
  standIn = await startQdrantStandIn({ folder, apiKey: 's3cret' })
  const statusWith = async (path: string, headers: Record<string, string>) =>
    (await fetch(httpUrl() + path, { headers })).status
  expect(await statusWith('/collections', {})).toBe(401)
  expect(await statusWith('/collections', { 'api-key': 's3cre7' })).toBe(401)
  expect(await statusWith('/collections', { 'api-key': 's3cret' })).toBe(200)
  expect(await statusWith('/collections', { authorization: 'Bearer s3cret' })).toBe(200)
  expect(await statusWith('/readyz', {})).toBe(200)
})

test('a folder that is in use is refused', async () => {
  await expect(startQdrantStandIn({ folder })).rejects.toMatchObject({ code: 'DATA_FOLDER_IN_USE' })
})

function point(id: string | number, payload: Record<string, number>) {
  return { id, vector: { look: [1, 0] }, payload }
}

async function upsert(points: readonly object[], update_filter?: object): Promise<void> {
  const body = { points, ...(update_filter && { update_filter }) }
  const { body: answer } = await ask('PUT', '/collections/items/points?wait=true', body)
  expect(answer.result).toMatchObject({ status: 'completed' })
}

async function payloads(ids: readonly (string | number)[]): Promise<unknown> {
  const { body } = await ask('POST', '/collections/items/points', { ids })
  return (body.result as { readonly payload: unknown }[]).map(({ payload }) => payload)
}

async function ask(method: string, path: string, body?: unknown) {
  const text = typeof body === 'string' ? body : JSON.stringify(body)
  const response = await fetch(httpUrl() + path, {
    method,
    headers: { 'content-type': 'application/json' },
    ...(text !== undefined && { body: text }),
  })
  return { status: response.status, body: (await response.json()) as { readonly result?: unknown } }
}

function httpUrl(): string {
  return standIn.url.replace('qdrant://', 'http://')
}
