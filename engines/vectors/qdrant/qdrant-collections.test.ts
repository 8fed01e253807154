import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { openQdrantVectors, type QdrantVectors } from './qdrant-vectors.ts'

// What the stand-in cannot show: a Qdrant that is slow to build an index, and one that writes snapshots.

const RESULTS: Readonly<Record<string, unknown>> = {
  'GET /aliases': { aliases: [{ alias_name: 'items', collection_name: 'old' }] },
  'POST /collections/aliases': true,
  'POST /collections/new/snapshots?wait=true': { name: 'new-1.snapshot', size: 1 },
}

/** The collection's status at each request; the last one repeats. */
let statuses: string[]
let asked: string[]
let vectors: QdrantVectors
let stop: () => Promise<void>

beforeEach(async () => {
  statuses = ['green']
  asked = []
  const server = createServer(({ method, url }, response) => {
    asked.push(`${method} ${url}`)
    const result = RESULTS[`${method} ${url}`] ?? lookAtNew()
    response.writeHead(200, { 'content-type': 'application/json' })
    response.end(JSON.stringify({ result, status: 'ok', time: 0 }))
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  vectors = await openQdrantVectors({ url: `qdrant://127.0.0.1:${port}`, longTimeoutMs: 300 })
  stop = async () => {
    await vectors[Symbol.asyncDispose]()
    server.close()
    server.closeAllConnections()
    await once(server, 'close')
  }
})
afterEach(() => stop())

test('an alias is moved in one request, once the collection is indexed', async () => {
  statuses = ['yellow', 'yellow', 'green']
  await vectors.setAlias('items', 'new')
  const looks = Array.from({ length: 3 }, () => 'GET /collections/new')
  expect(asked).toEqual(['GET /aliases', ...looks, 'POST /collections/aliases'])
})

test('an alias that points there already is left alone', async () => {
  statuses = ['yellow']
  await vectors.setAlias('items', 'old')
  expect(asked).toEqual(['GET /aliases'])
})

test('an index that waits for the next write holds nothing up', async () => {
  statuses = ['grey']
  await vectors.setAlias('items', 'new')
  expect(asked.at(-1)).toBe('POST /collections/aliases')
})

test.each([
  ['yellow', 'ENGINE_TIMEOUT', 'collection new is yellow'],
  ['red', 'ENGINE_UNAVAILABLE', 'no space left'],
])('the alias stays where it is while the index is %s', async (status, code, words) => {
  statuses = [status]
  await expect(vectors.setAlias('items', 'new')).rejects.toMatchObject({
    code,
    retriable: true,
    message: expect.stringContaining(words),
  })
  expect(asked).not.toContain('POST /collections/aliases')
})

test('a snapshot is named when Qdrant has written it', async () => {
  expect(await vectors.createSnapshot('new')).toBe('new-1.snapshot')
})

function lookAtNew() {
  const status = statuses.length > 1 ? statuses.shift() : statuses[0]
  return { status, optimizer_status: status === 'red' ? { error: 'no space left' } : 'ok' }
}
