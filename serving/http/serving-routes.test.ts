import { get } from 'node:http'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { z } from 'zod'
import type { Clock } from '#engines/clock/port.ts'
import { systemClock } from '#engines/clock/system-clock.ts'
import { EngineError } from '#engines/errors.ts'
import { Liveness, Readiness } from '#schemas/http/health.ts'
import { Ledger } from '#schemas/http/ledger.ts'
import { Problem } from '#schemas/http/problem.ts'
import {
  SessionRecommendations,
  SimilarProducts,
  TrendingProducts,
  UserRecommendations,
} from '#schemas/http/recommendations.ts'
import { ActivityTrend, OrderTrend, RevenueTrend } from '#schemas/http/trends.ts'
import { ORDER_PANES, PRODUCT_PANES, WATERMARKS } from '#schemas/tables.ts'
import { aRow } from '../trends/tables.fixture.ts'
import type { EngineProbe } from './health-routes.ts'
import { openTestServer, type TestServer } from './server.fixture.ts'

const engines: EngineProbe[] = [
  { name: 'tables', ping: () => Promise.resolve() },
  { name: 'log', ping: () => Promise.resolve() },
  { name: 'cache', isOptional: true, ping: () => Promise.resolve() },
]
let skewMs = 0
const clock: Clock = { ...systemClock, now: () => Date.now() + skewMs }
let server: TestServer

beforeAll(async () => {
  server = await openTestServer({ engines, clock })
  const minute = Math.floor(Date.now() / 60_000) * 60_000
  await server.tables.insert(ORDER_PANES, [
    aRow.orderPane({ minute, orders: 1, units: 2, revenue_minor: 590 }),
  ])
  await server.tables.insert(PRODUCT_PANES, [
    aRow.productPane({ minute, product_id: 'p1', views: 4 }),
  ])
  await server.tables.insert(WATERMARKS, [aRow.watermark({ watermark: minute })])
})
afterAll(() => server[Symbol.asyncDispose]())

const fetchFrom = (path: string, init?: RequestInit) => fetch(server.url + path, init)

interface Document {
  readonly paths: Readonly<Record<string, Readonly<Record<string, unknown>>>>
}

async function documentOf({ url }: TestServer): Promise<Document> {
  return (await (await fetch(`${url}/openapi.json`)).json()) as Document
}

async function problemOf(response: Response): Promise<Problem & Record<string, unknown>> {
  expect(response.headers.get('Content-Type')).toContain('application/problem+json')
  const body = (await response.json()) as Problem & Record<string, unknown>
  expect(() => Problem.parse(body)).not.toThrow()
  return body
}

const session = {
  method: 'POST',
  headers: { 'Content-Type': 'application/json' },
  body: JSON.stringify({ product_ids: ['p1', 'p2'], limit: 3 }),
}

type Route = [path: string, template: string, schema: z.ZodType, init?: RequestInit]
const ROUTES: Route[] = [
  [
    '/v1/recommendations/users/u1?limit=5',
    '/v1/recommendations/users/{user_id}',
    UserRecommendations,
  ],
  ['/v1/recommendations/sample', '/v1/recommendations/sample', UserRecommendations],
  ['/v1/recommendations/session', '/v1/recommendations/session', SessionRecommendations, session],
  ['/v1/products/p1/similar', '/v1/products/{product_id}/similar', SimilarProducts],
  ['/v1/products/trending', '/v1/products/trending', TrendingProducts],
  ['/v1/trends/orders', '/v1/trends/orders', OrderTrend],
  ['/v1/trends/revenue', '/v1/trends/revenue', RevenueTrend],
  ['/v1/trends/activity', '/v1/trends/activity', ActivityTrend],
  ['/v1/ledger', '/v1/ledger', Ledger],
  ['/livez', '/livez', Liveness],
  ['/readyz', '/readyz', Readiness],
]

describe('answers', () => {
  test.each(ROUTES)(
    '%s is what its schema says, and nothing more',
    async (path, _, schema, init) => {
      const response = await fetchFrom(path, init)
      expect(response.status).toBe(200)
      expect(response.headers.get('Content-Type')).toBe('application/json; charset=utf-8')
      const body: unknown = await response.json()
      expect(schema.parse(body)).toEqual(body)
    },
  )

  test('every route of the document was asked, but for text, streams, files and itself', async () => {
    const documented = Object.keys((await documentOf(server)).paths)
    const text = ['/v1/trends/live', '/v1/sql', '/metrics']
    const elsewhere = [...text, '/', '/assets/{name}', '/openapi.json']
    const asked = ROUTES.map(([, template]) => template)
    expect([...asked, ...elsewhere].toSorted()).toEqual(documented.toSorted())
  })

  test('the newest minute is the last point', async () => {
    const { points } = OrderTrend.parse(await (await fetchFrom('/v1/trends/orders')).json())
    expect(points).toHaveLength(60)
    expect(points.reduce((sum, point) => sum + point.orders, 0)).toBe(1)
  })

  test('/metrics has the ledger for Prometheus', async () => {
    const text = await (await fetchFrom('/metrics')).text()
    expect(text).toContain('freshet_ledger_balanced 1')
    expect(text).toContain('freshet_ledger_records{state="pending"} 0')
    expect(text).toContain('freshet_live_listeners 0')
  })

  test('/openapi.json is the document', async () => {
    expect(await documentOf(server)).toMatchObject({ openapi: '3.1.0' })
  })

  test.each([
    ['/', 'text/html'],
    ['/assets/main.js', 'text/javascript'],
    ['/assets/tokens.css', 'text/css'],
    ['/assets/icon.svg', 'image/svg+xml'],
    ['/assets/uplot.js', 'text/javascript'],
    ['/assets/uplot.css', 'text/css'],
  ])('%s is served as %s', async (path, type) => {
    const response = await fetchFrom(path)
    expect(response.status).toBe(200)
    expect(response.headers.get('Content-Type')).toContain(type)
    expect((await response.text()).length).toBeGreaterThan(100)
  })

  test('tests and sources beside the page are not served', async () => {
    expect((await fetchFrom('/assets/live-page.test.ts')).status).toBe(404)
    expect((await fetchFrom('/assets/../http/serving-router.ts')).status).toBe(404)
  })
})

describe('parameters', () => {
  test.each([
    ['/v1/recommendations/users/u1?limit=0', '/limit'],
    ['/v1/recommendations/users/u1?limit=101', '/limit'],
    ['/v1/recommendations/users/u1?limit=ten', '/limit'],
    ['/v1/recommendations/users/u1?limit=1.5', '/limit'],
    ['/v1/recommendations/users/u1?limit=0x10', '/limit'],
    ['/v1/recommendations/users/u1?limit=1e1', '/limit'],
    ['/v1/recommendations/users/u1?limit=%2010', '/limit'],
    ['/v1/recommendations/users/u1?limit=+10', '/limit'],
    ['/v1/recommendations/users/u1?limit=', '/limit'],
    ['/v1/recommendations/users/u1?exclude=a,,b', '/exclude'],
    ['/v1/recommendations/users/u1?surface=moon', '/surface'],
    [`/v1/recommendations/users/${'u'.repeat(129)}`, '/user_id'],
    [`/v1/recommendations/users/u1?exclude=${'a,'.repeat(201)}`, '/exclude'],
    ['/v1/products/p1/similar?limit=-1', '/limit'],
    ['/v1/products/trending?window=2h', '/window'],
    ['/v1/trends/orders?interval=7m', '/interval'],
    ['/v1/trends/orders?from=yesterday', '/from'],
    ['/v1/trends/orders?from=1969-12-31T00:00:00Z', '/from'],
    ['/v1/trends/orders?from=1970-01-01T00:00:00%2B05:00', '/from'],
    ['/v1/trends/orders?to=2200-01-01', '/to'],
    ['/v1/trends/orders?to=2106-01-01', '/to'],
    ['/v1/trends/revenue?from=2026-01-02&to=2026-01-01', '/from'],
    ['/v1/trends/revenue?currency=pounds', '/currency'],
    ['/v1/trends/activity?from=2020-01-01&to=2026-01-01&interval=1m', '/from'],
  ])('%s is refused with a pointer', async (path, pointer) => {
    const response = await fetchFrom(path)
    expect(response.status).toBe(400)
    const problem = await problemOf(response)
    expect(problem.type).toBe('/docs/errors/invalid-request.md')
    expect(problem.errors?.[0]?.pointer.startsWith(pointer)).toBe(true)
    expect(problem.errors?.[0]?.detail.length).toBeGreaterThan(10)
  })

  test('an empty parameter is refused, each by its name', async () => {
    const path = '/v1/recommendations/users/u1?limit=&surface=&category=&exclude='
    const response = await fetchFrom(path)
    expect(response.status).toBe(400)
    const { errors = [] } = await problemOf(response)
    const pointers = errors.map(({ pointer }) => pointer)
    expect(pointers.toSorted()).toEqual(['/category', '/exclude', '/limit', '/surface'])
  })

  test('an unknown parameter is refused by its name, on every route that answers GET', async () => {
    const { paths } = await documentOf(server)
    const asked = Object.entries(paths).filter(([, operations]) => operations['get'] !== undefined)
    expect(asked.length).toBeGreaterThan(10)
    for (const [path] of asked) {
      const response = await fetchFrom(`${path.replaceAll(/[{}]/g, '')}?lmit=3&b~/=`)
      expect(response.status, path).toBe(400)
      const { detail, errors } = await problemOf(response)
      expect(errors?.map(({ pointer }) => pointer)).toEqual(['/lmit', '/b~0~1'])
      expect(detail).toContain('/lmit: is not a known parameter')
    }
  })

  test('a parameter that takes one value takes one', async () => {
    const response = await fetchFrom('/v1/products/p1/similar?limit=1&limit=2')
    expect(response.status).toBe(400)
    expect((await problemOf(response)).errors?.[0]?.pointer).toBe('/limit')
  })

  test('what is excluded can be one list or several', async () => {
    for (const query of ['exclude=p0,p1', 'exclude=p0&exclude=p1']) {
      const response = await fetchFrom(`/v1/recommendations/users/u1?${query}`)
      const { items } = UserRecommendations.parse(await response.json())
      expect(items.map((item) => item.product_id)).not.toContain('p1')
      expect(items).toHaveLength(6)
    }
  })

  test('ids may be anything', async () => {
    const id = `ann's "cat" 🐈 ; DROP TABLE`
    const response = await fetchFrom(`/v1/recommendations/users/${encodeURIComponent(id)}`)
    expect(UserRecommendations.parse(await response.json()).user_id).toBe(id)
  })
})

describe('the body of a session', () => {
  const post = (body: string, headers: Record<string, string> = session.headers) =>
    fetchFrom('/v1/recommendations/session', { method: 'POST', headers, body })

  test.each([
    ['{"product_ids":[]}', 400, 'invalid-request', '/product_ids'],
    ['{"product_ids":["a",7]}', 400, 'invalid-request', '/product_ids/1'],
    ['{}', 400, 'invalid-request', '/product_ids'],
    ['{"product_ids":["a"],"limit":"5"}', 400, 'invalid-request', '/limit'],
    ['{"product_ids":["a"],"exclude":[]}', 400, 'invalid-request', '/exclude'],
    ['[]', 400, 'invalid-request', ''],
    ['7', 400, 'invalid-request', ''],
    ['{"product_ids":', 400, 'malformed-body', undefined],
    [`{"product_ids":["${'a'.repeat(70_000)}"]}`, 413, 'payload-too-large', undefined],
  ])('%.30s is refused with %i', async (body, status, kind, pointer) => {
    const response = await post(body)
    expect(response.status).toBe(status)
    const problem = await problemOf(response)
    expect(problem.type).toBe(`/docs/errors/${kind}.md`)
    expect(problem.errors?.[0]?.pointer).toBe(pointer)
  })

  test('another type of body is refused with 415', async () => {
    const response = await post('product_ids=a', { 'Content-Type': 'text/plain' })
    expect(response.status).toBe(415)
    expect((await problemOf(response)).detail).toContain('application/json')
  })
})

test('a product that nobody knows is not found', async () => {
  const response = await fetchFrom('/v1/products/unknown/similar')
  expect(response.status).toBe(404)
  expect((await problemOf(response)).detail).toContain('unknown')
})

describe('HTTP', () => {
  test.each([
    ['/v1/trends/orders', 'public, max-age=5'],
    ['/v1/ledger', 'public, max-age=1'],
    ['/v1/recommendations/users/u1', 'private, no-store'],
    ['/livez', 'no-store'],
    ['/', 'no-cache'],
  ])('%s says how long it may be kept', async (path, cacheControl) => {
    expect((await fetchFrom(path)).headers.get('Cache-Control')).toBe(cacheControl)
  })

  test('HEAD has the headers alone', async () => {
    for (const path of ['/v1/trends/orders', '/v1/trends/live', '/']) {
      const response = await fetchFrom(path, { method: 'HEAD' })
      expect(response.status).toBe(200)
      expect(await response.text()).toBe('')
    }
  })

  test('what did not change is not sent again', async () => {
    const etag = (await fetchFrom('/openapi.json')).headers.get('ETag') ?? ''
    // fetch() adds Cache-Control: no-cache, which asks for the whole answer.
    const status = await new Promise((resolve, reject) => {
      const headers = { 'If-None-Match': etag }
      get(`${server.url}/openapi.json`, { headers }, (response) => {
        response.resume()
        resolve(response.statusCode)
      }).on('error', reject)
    })
    expect(status).toBe(304)
  })

  test.each([
    '/V1/ledger',
    '/v1/Ledger',
    '/v1/ledger/',
    '/livez/',
    '/LIVEZ',
    '/assets/main.js/',
    '//',
  ])('%s is no other way to write an address', async (path) => {
    const response = await fetchFrom(path)
    expect(response.status).toBe(404)
    expect((await problemOf(response)).title).toBe('Not found')
  })

  test('every address tells its methods, refuses all others and says so', async () => {
    const { paths } = await documentOf(server)
    for (const [template, operations] of Object.entries(paths)) {
      const path = template.replaceAll(/[{}]/g, '')
      const allow = operations['get'] === undefined ? 'POST' : 'GET, HEAD'
      const options = await fetchFrom(path, { method: 'OPTIONS' })
      expect([options.status, options.headers.get('Allow')], path).toEqual([204, allow])
      const others = ['DELETE', 'PUT', 'PATCH', allow === 'POST' ? 'HEAD' : 'POST']
      for (const method of others) {
        const response = await fetchFrom(path, { method })
        expect([response.status, response.headers.get('Allow')], path).toEqual([405, allow])
      }
    }
  })

  test('a problem is never kept', async () => {
    const response = await fetchFrom('/v1/trends/orders?interval=7m')
    expect(response.headers.get('Cache-Control')).toBe('no-store')
  })

  test('one policy of content for every answer', async () => {
    const policies = ['/', '/v1/ledger', '/nowhere'].map(async (path) =>
      (await fetchFrom(path)).headers.get('Content-Security-Policy'),
    )
    const [ofPage, ...others] = await Promise.all(policies)
    expect(ofPage).toContain("default-src 'none'")
    expect(ofPage).not.toContain('unsafe')
    for (const other of others) expect(other).toBe(ofPage)
  })

  test('another method is refused and told which apply', async () => {
    const response = await fetchFrom('/v1/trends/orders', { method: 'DELETE' })
    expect(response.status).toBe(405)
    expect(response.headers.get('Allow')).toBe('GET, HEAD')
    expect((await problemOf(response)).detail).toContain('GET')
    const options = await fetchFrom('/v1/recommendations/session', { method: 'OPTIONS' })
    expect([options.status, options.headers.get('Allow')]).toEqual([204, 'POST'])
  })
})

test('not ready names the engine and why, and is ready again when it is', async () => {
  const [tables] = engines
  if (tables === undefined) throw new TypeError('no engine')
  const down = new EngineError('ENGINE_UNAVAILABLE', 'the disk is gone')
  tables.ping = () => Promise.reject(down)
  skewMs += 1_000
  const response = await fetchFrom('/readyz')
  expect([response.status, response.headers.get('Retry-After')]).toEqual([503, '1'])
  expect(await problemOf(response)).toMatchObject({
    detail: 'tables: the disk is gone',
    status: 503,
    engines: [
      { name: 'tables', ready: false, reason: 'the disk is gone' },
      { name: 'log', ready: true },
      { name: 'cache', ready: true },
    ],
  })
  expect((await fetchFrom('/livez')).status).toBe(200)
  tables.ping = () => Promise.resolve()
  expect((await fetchFrom('/readyz')).status).toBe(503)
  skewMs += 1_000
  expect((await fetchFrom('/readyz')).status).toBe(200)
})

test('an engine that answers can do without is told, and does not count', async () => {
  const cache = engines.find(({ name }) => name === 'cache')
  if (cache === undefined) throw new TypeError('no cache')
  cache.ping = () => Promise.reject(new Error('connection refused'))
  skewMs += 1_000
  const response = await fetchFrom('/readyz')
  expect(response.status).toBe(200)
  const { ready, engines: states } = Readiness.parse(await response.json())
  expect(ready).toBe(true)
  expect(states.at(-1)).toEqual({ name: 'cache', ready: false, reason: 'connection refused' })
})
