import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { foreignOrigin } from './foreign-origin.ts'
import type { HttpServer } from './http-server.ts'
import { ask, guarded } from './server.fixture.ts'

const SHOP = 'https://shop.example'
let closed: HttpServer
let named: HttpServer
let proxied: HttpServer
beforeAll(async () => {
  closed = await guarded([foreignOrigin([])])
  named = await guarded([foreignOrigin([SHOP])])
  proxied = await guarded([foreignOrigin([])], 1)
})
afterAll(async () => {
  for (const server of [closed, named, proxied]) await server[Symbol.asyncDispose]()
})

const post = (server: HttpServer, headers: Readonly<Record<string, string>>) =>
  ask(server.url, { method: 'POST', headers })

describe('a write', () => {
  test('by a client that is no browser is accepted', async () => {
    expect((await post(closed, {})).body).toBe('taken')
  })

  test('by a page of this server is accepted, under whichever name it was loaded', async () => {
    const own = (host: string, origin: string) => post(closed, { Host: host, Origin: origin })
    expect((await own('localhost:8080', 'http://localhost:8080')).body).toBe('taken')
    expect((await own('LOCALHOST', 'http://localhost')).body).toBe('taken')
    expect((await own('[::1]:80', 'http://[::1]:80')).body).toBe('taken')
    expect((await post(closed, { 'Sec-Fetch-Site': 'same-origin' })).body).toBe('taken')
    expect((await post(closed, { 'Sec-Fetch-Site': 'none' })).body).toBe('taken')
  })

  test.each([
    ['http://evil.example'],
    ['null'],
    ['http://localhost:3000'],
    ['http://localhost'],
    ['https://localhost:8080'],
    ['http://127.0.0.1:8080'],
    ['http://localhost:8080.evil.example'],
    ['http://localhost:8080/'],
    ['file://'],
    [''],
  ])('of Origin %j is refused', async (origin) => {
    const { status, headers, body } = await post(closed, { Host: 'localhost:8080', Origin: origin })
    expect([status, headers['content-type']]).toEqual([
      403,
      expect.stringContaining('application/problem+json'),
    ])
    expect(JSON.parse(body)).toMatchObject({
      type: '/docs/errors/foreign-origin.md',
      detail: expect.stringContaining('ALLOWED_ORIGINS') as string,
    })
  })

  test.each(['cross-site', 'same-site'])('that a browser calls %s is refused', async (site) => {
    expect((await post(closed, { 'Sec-Fetch-Site': site })).status).toBe(403)
  })

  test.each(['PUT', 'PATCH', 'DELETE'])(
    'by %s from a foreign page is refused too',
    async (method) => {
      const headers = { Origin: 'http://evil.example' }
      expect((await ask(closed.url, { method, headers })).status).toBe(403)
    },
  )

  test('behind a trusted proxy is judged by the scheme of the request to the proxy', async () => {
    const headers = { Host: 'shop.example', Origin: SHOP, 'X-Forwarded-Proto': 'https' }
    expect((await post(proxied, headers)).body).toBe('taken')
    expect((await post(closed, headers)).status).toBe(403)
  })
})

test.each(['GET', 'HEAD', 'OPTIONS'])(
  '%s of a foreign page is answered, for it cannot read the answer',
  async (method) => {
    const headers = { Origin: 'http://evil.example', 'Sec-Fetch-Site': 'cross-site' }
    for (const server of [closed, named]) {
      const answer = await ask(server.url, { method, headers })
      expect(answer.status).toBe(200)
      expect(
        Object.keys(answer.headers).filter((name) => name.startsWith('access-control')),
      ).toEqual([])
    }
  },
)

describe('an origin that is named', () => {
  test('may write and read, and caches are told that answers differ', async () => {
    const { body, headers } = await post(named, { Origin: SHOP })
    expect(body).toBe('taken')
    expect(headers['access-control-allow-origin']).toBe(SHOP)
    expect(headers['access-control-allow-credentials']).toBeUndefined()
    expect(headers.vary).toContain('Origin')
    expect((await ask(named.url, {})).headers.vary).toContain('Origin')
  })

  test('can read refusals too', async () => {
    const answer = await ask(named.url, { path: '/nothing', headers: { Origin: SHOP } })
    expect([answer.status, answer.headers['access-control-allow-origin']]).toEqual([404, SHOP])
  })

  test('is told by a preflight what it may send', async () => {
    const headers = {
      Origin: SHOP,
      'Access-Control-Request-Method': 'POST',
      'Access-Control-Request-Headers': 'content-type',
    }
    const answer = await ask(named.url, { method: 'OPTIONS', headers })
    expect([answer.status, answer.body]).toEqual([204, ''])
    expect(answer.headers).toMatchObject({
      'access-control-allow-origin': SHOP,
      'access-control-allow-methods': expect.stringContaining('POST') as string,
      'access-control-allow-headers': expect.stringContaining('Content-Type') as string,
    })
  })

  test('is matched exactly: scheme, host and port', async () => {
    for (const Origin of [
      'http://shop.example',
      'https://shop.example:444',
      `${SHOP}.evil`,
      'null',
    ])
      expect((await post(named, { Origin })).status).toBe(403)
  })
})
