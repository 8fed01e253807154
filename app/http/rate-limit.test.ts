import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import express from 'express'
import { pino } from 'pino'
import { expect, test } from 'vitest'
import { openEmbeddedCache } from '#engines/cache/embedded/embedded-cache.ts'
import type { Cache } from '#engines/cache/port.ts'
import { ManualClock } from '#engines/clock/manual-clock.ts'
import { EngineError } from '#engines/errors.ts'
import { text } from '#http/answers.ts'
import { answersHeldTo } from '#http/answers-held-to.fixture.ts'
import { httpApp } from '#http/http-app.ts'
import { endpoints, route } from '#http/route.ts'
import { clientAddress } from './client-address.ts'
import { rateLimit } from './rate-limit.ts'

/** A minute of the clock that has 20 s left. */
const NOW = Math.floor(Date.now() / 60_000) * 60_000 + 40_000
const away = new EngineError('ENGINE_UNAVAILABLE', 'gone')

const SAID = { tag: 'operations', summary: 'Answers.', description: 'Always.' } as const
const answer = text('text/plain', { description: 'A word.', example: 'yes' })
const handle = () => 'yes'
const LIMITED = route({ method: 'get', path: '/v1/x', operationId: 'x', ...SAID, answer, handle })
const FREE = route({
  method: 'get',
  path: '/livez',
  operationId: 'live',
  ...SAID,
  isLimited: false,
  answer,
  handle,
})

/** A server on which `/v1/x` and `/livez` answer, limited; `from` asks on behalf of an address. */
async function limited(options: { perMinute: number; cache?: Cache; trustProxy?: number }) {
  const warnings: string[] = []
  const write = (line: string) => warnings.push((JSON.parse(line) as { msg: string }).msg)
  const logger = pino({ level: 'info' }, { write })
  const clock = new ManualClock(NOW)
  const cache = options.cache ?? openEmbeddedCache({ maxEntries: 100, clock })
  const limit = rateLimit({ ...options, cache, clock, logger })
  const answers = answersHeldTo([LIMITED, FREE])
  const routes = endpoints([LIMITED, FREE], undefined)
  const { trustProxy = 1 } = options
  const { watch } = answers
  const app = httpApp({ endpoints: routes, limit, trustProxy, logger, watch })
  const server = createServer(app).listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  const { port } = server.address() as AddressInfo
  const address = (path: string) => `http://127.0.0.1:${port}${path}`
  const from = (client: string, path = '/v1/x') =>
    fetch(address(path), { headers: { 'X-Forwarded-For': client } })
  const statuses = async (address: string, count: number) => {
    const answers: number[] = []
    for (let i = 0; i < count; i++) answers.push((await from(address)).status)
    return answers
  }
  return {
    clock,
    cache,
    warnings,
    address,
    from,
    statuses,
    async [Symbol.asyncDispose]() {
      await new Promise((resolve) => server.close(resolve))
      answers[Symbol.dispose]()
    },
  }
}

test('an address may make its number of requests in a minute, and again in the next', async () => {
  await using server = await limited({ perMinute: 2 })
  expect(await server.statuses('10.0.0.1', 4)).toEqual([200, 200, 429, 429])
  expect(await server.statuses('10.0.0.2', 1)).toEqual([200])
  await server.clock.advance(20_000)
  expect(await server.statuses('10.0.0.1', 3)).toEqual([200, 200, 429])
})

test('what is too much is a problem that says when to come back, and which setting it was', async () => {
  await using server = await limited({ perMinute: 1 })
  const first = await server.from('10.0.0.1')
  expect(first.headers.get('RateLimit')).toMatch(/^"per-minute"; r=0; t=\d+$/)
  expect(first.headers.get('RateLimit-Policy')).toMatch(/^"per-minute"; q=1; w=60; pk=:/)
  const answer = await server.from('10.0.0.1')
  expect(answer.status).toBe(429)
  expect(answer.headers.get('Content-Type')).toContain('application/problem+json')
  expect(answer.headers.get('Retry-After')).toBe('20')
  expect(answer.headers.get('RateLimit')).toMatch(/^"per-minute"; r=0; t=\d+$/)
  expect(await answer.json()).toMatchObject({
    type: '/docs/errors/too-many-requests.md',
    status: 429,
    detail: expect.stringContaining('RATE_LIMIT_PER_MINUTE=1; 0 by default') as string,
    instance: '/v1/x',
  })
})

test('probes are free, and so is everything when there is no limit', async () => {
  await using server = await limited({ perMinute: 1 })
  for (let i = 0; i < 3; i++) expect((await server.from('10.0.0.1', '/livez')).status).toBe(200)
  await using unlimited = await limited({ perMinute: 0 })
  expect(await unlimited.statuses('10.0.0.1', 5)).toEqual([200, 200, 200, 200, 200])
  expect((await unlimited.from('10.0.0.1')).headers.has('RateLimit')).toBe(false)
})

test('no other way of writing an address walks round the limit', async () => {
  await using server = await limited({ perMinute: 2 })
  const status = async (path: string) => (await server.from('10.0.0.1', path)).status
  expect([await status('/v1/x'), await status('/V1/x')]).toEqual([200, 404])
  for (const path of ['/v1/x', '/V1/X', '/v1/x/', '/v1/%78', '/v2/x', '//v1/x'])
    expect(await status(path), path).toBe(429)
  expect(await status('/livez')).toBe(200)
})

test('an address that is over the limit is not told the methods of a route either', async () => {
  await using server = await limited({ perMinute: 1 })
  expect(await server.statuses('127.0.0.9', 1)).toEqual([200])
  const headers = { 'X-Forwarded-For': '127.0.0.9' }
  const asked = await fetch(server.address('/v1/x'), { method: 'DELETE', headers })
  expect(asked.status).toBe(429)
})

test('processes that share a cache count together', async () => {
  await using one = await limited({ perMinute: 3 })
  await using other = await limited({ perMinute: 3, cache: one.cache })
  expect(await one.statuses('10.0.0.1', 2)).toEqual([200, 200])
  expect(await other.statuses('10.0.0.1', 2)).toEqual([200, 429])
})

test('without the cache a process counts alone and says so once, until the cache is back', async () => {
  const cache = openEmbeddedCache({ maxEntries: 100, clock: new ManualClock(NOW) })
  const increment = cache.increment.bind(cache)
  cache.increment = () => Promise.reject(away)
  await using server = await limited({ perMinute: 2, cache })
  expect(await server.statuses('10.0.0.1', 3)).toEqual([200, 200, 429])
  expect(server.warnings).toEqual([
    'the cache does not answer; this process counts rate limits alone',
  ])
  cache.increment = increment
  expect(await server.statuses('10.0.0.1', 3)).toEqual([200, 200, 429])
  expect(server.warnings.slice(1)).toEqual(['rate limits are counted in the cache again'])
})

test.each([
  [0, '9.9.9.9, 1.1.1.1', '127.0.0.1'],
  [1, undefined, '127.0.0.1'],
  [1, '9.9.9.9, 1.1.1.1', '1.1.1.1'],
  [2, '9.9.9.9, 1.1.1.1', '9.9.9.9'],
  [5, '9.9.9.9, 1.1.1.1', '9.9.9.9'],
  [1, 'somebody, 2001:db8::1', '2001:db8::/56'],
  [1, '4.4.4.4:1001', '4.4.4.4'],
  [1, '[2001:db8::1]:1001', '2001:db8::/56'],
])('behind %i proxies that say %s, the client is %s', async (trustProxy, forwarded, client) => {
  const app = express().set('trust proxy', trustProxy)
  app.use((request, response) => void response.send(clientAddress(request)))
  const server = createServer(app).listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  const { port } = server.address() as AddressInfo
  const headers = forwarded === undefined ? {} : { 'X-Forwarded-For': forwarded }
  const answer = await fetch(`http://127.0.0.1:${port}`, { headers })
  expect(await answer.text()).toBe(client)
  await new Promise((resolve) => server.close(resolve))
})

test('a client that is not behind a trusted proxy cannot choose its address', async () => {
  await using server = await limited({ perMinute: 1, trustProxy: 0 })
  expect(await server.statuses('10.0.0.1', 1)).toEqual([200])
  expect(await server.statuses('10.0.0.2', 1)).toEqual([429])
})

test('an IPv6 client is counted by its network, in which it has any number of addresses', async () => {
  await using server = await limited({ perMinute: 1 })
  expect(await server.statuses('2001:db8:0:1::1', 1)).toEqual([200])
  expect(await server.statuses('2001:db8:0:2::2', 1)).toEqual([429])
  expect(await server.statuses('2001:db8:1::1', 1)).toEqual([200])
})
