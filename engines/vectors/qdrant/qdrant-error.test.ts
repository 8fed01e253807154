import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import { openQdrantVectors, type QdrantVectors } from './qdrant-vectors.ts'

const opened: AsyncDisposable[] = []
afterEach(async () => {
  for (const one of opened.splice(0).reverse()) await one[Symbol.asyncDispose]()
})

const NOT_FOUND = { status: { error: "Not found: Collection `items` doesn't exist!" }, time: 0 }

test.each([
  [400, { status: { error: 'Wrong input: no' }, time: 0 }, 'ENGINE_REFUSED', 'Wrong input: no'],
  [401, 'Invalid API key or JWT', 'ENGINE_REFUSED', 'check the API key'],
  [403, { status: { error: 'Forbidden' }, time: 0 }, 'ENGINE_REFUSED', 'check the API key'],
  [404, NOT_FOUND, 'UNKNOWN_COLLECTION', 'items'],
  [404, '<h1>nginx</h1>', 'ENGINE_REFUSED', 'nginx'],
  [408, { status: { error: 'Timeout' }, time: 0 }, 'ENGINE_TIMEOUT', 'Timeout'],
  [413, 'too large', 'ENGINE_REFUSED', 'too large'],
  [422, { status: { error: 'Validation error' }, time: 0 }, 'ENGINE_REFUSED', 'Validation error'],
  [429, { status: { error: 'Rate limit' }, time: 0 }, 'ENGINE_OVERLOADED', 'Rate limit'],
  [500, { status: { error: 'Service internal error' }, time: 0 }, 'ENGINE_UNAVAILABLE', 'internal'],
  [501, { status: { error: 'no such thing here' }, time: 0 }, 'ENGINE_REFUSED', 'no such thing'],
  [503, '', 'ENGINE_UNAVAILABLE', 'no reason given'],
  [504, '', 'ENGINE_TIMEOUT', '504'],
  [200, '<h1>Welcome</h1>', 'ENGINE_UNAVAILABLE', 'is it a Qdrant?'],
  [200, { result: null }, 'ENGINE_UNAVAILABLE', 'is it a Qdrant?'],
])('an answer of %i with %j is %s', async (status, body, code, words) => {
  const vectors = await against((_, response) => answer(response, status, body))
  const isRetriable = ['ENGINE_UNAVAILABLE', 'ENGINE_TIMEOUT', 'ENGINE_OVERLOADED'].includes(code)
  await expect(vectors.count('items')).rejects.toMatchObject({
    code,
    retriable: isRetriable,
    message: expect.stringContaining(words),
  })
})

test('a rate limit with a Retry-After is an overload too', async () => {
  const vectors = await against((_, response) => {
    response.setHeader('retry-after', '2')
    answer(response, 429, { status: { error: 'Rate limit' }, time: 0 })
  })
  await expect(vectors.count('items')).rejects.toMatchObject({ code: 'ENGINE_OVERLOADED' })
})

test('a server that is down, hangs up or breaks off is unavailable, and is named', async () => {
  const down = await openQdrantVectors({ url: `qdrant://127.0.0.1:${await closedPort()}` })
  const hangsUp = await against((_, response) => response.destroy())
  const breaksOff = await against((_, response) => {
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': '100' })
    response.write('{"result": {"count"', () => response.destroy())
  })
  const garbles = await against((_, response) => {
    response.writeHead(200, { 'content-type': 'application/json' }).end('{"result": {"count"')
  })
  for (const vectors of [down, hangsUp, breaksOff, garbles]) {
    for (const call of [() => vectors.count('items'), () => vectors.ping()]) {
      await expect(call()).rejects.toMatchObject({
        code: 'ENGINE_UNAVAILABLE',
        retriable: true,
        message: expect.stringContaining('http://127.0.0.1:'),
      })
    }
  }
})

test('a server that does not answer is given up after the time set', async () => {
  const vectors = await against(() => undefined, { timeoutMs: 50 })
  await expect(vectors.ping()).rejects.toMatchObject({
    code: 'ENGINE_TIMEOUT',
    retriable: true,
    message: expect.stringContaining('50 ms'),
  })
})

test('a search ends with its signal, and every call with the engine', async () => {
  const asked = Promise.withResolvers<void>()
  const vectors = await against(() => asked.resolve())
  const caller = new AbortController()
  const request = { using: 'text', vector: Float32Array.of(1), limit: 1 }
  const search = vectors.search('items', [request], caller.signal)
  await asked.promise
  const reason = new Error('the caller left')
  caller.abort(reason)
  await expect(search).rejects.toBe(reason)

  const closed = { code: 'ENGINE_CLOSED', retriable: false }
  const count = vectors.count('items')
  await vectors[Symbol.asyncDispose]()
  await expect(count).rejects.toMatchObject(closed)
  await expect(vectors.ping()).rejects.toMatchObject(closed)
})

test('an update that Qdrant has not applied in its time is not done', async () => {
  const vectors = await against((_, response) =>
    answer(response, 200, { version: '1.19.0', result: { status: 'wait_timeout' } }),
  )
  await expect(vectors.delete('items', { filter: {} })).rejects.toMatchObject({
    code: 'ENGINE_TIMEOUT',
    retriable: true,
  })
})

test('a Qdrant that would ignore versions is refused before anything is written', async () => {
  const asked: string[] = []
  const vectors = await against((request, response) => {
    asked.push(`${request.method} ${request.url}`)
    answer(response, 200, { title: 'qdrant', version: '1.15.5', result: { collections: [] } })
  })
  const refused = { code: 'ENGINE_REFUSED', message: expect.stringContaining('1.15.5') }
  const deletion = vectors.delete('items', { points: [{ id: 'a', version: 1 }] })
  await expect(deletion).rejects.toMatchObject(refused)
  await expect(vectors.ping()).rejects.toMatchObject(refused)
  expect(asked).toEqual(['GET /', 'GET /collections', 'GET /'])
})

async function against(
  script: (request: IncomingMessage, response: ServerResponse) => void,
  options: { readonly timeoutMs?: number } = {},
): Promise<QdrantVectors> {
  const server = createServer(script)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const vectors = await openQdrantVectors({ url: `qdrant://127.0.0.1:${port}`, ...options })
  opened.push({
    async [Symbol.asyncDispose]() {
      await vectors[Symbol.asyncDispose]()
      server.close()
      server.closeAllConnections()
      await once(server, 'close')
    },
  })
  return vectors
}

async function closedPort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}

function answer(response: ServerResponse, status: number, body: unknown): void {
  const isText = typeof body === 'string'
  response.writeHead(status, { 'content-type': isText ? 'text/plain' : 'application/json' })
  response.end(isText ? body : JSON.stringify(body))
}
