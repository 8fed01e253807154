import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { pino } from 'pino'
import { describe, expect, test, vi } from 'vitest'
import type { Registry } from '../port.ts'
import { openConfluentRegistry, UNKNOWN_KEPT_MS } from './confluent-registry.ts'

const logger = pino({ level: 'silent' })
const SCHEMA = '{"type":"record","name":"User","fields":[]}'
const away = { code: 'ENGINE_UNAVAILABLE', retriable: true }
const refused = { code: 'ENGINE_REFUSED', retriable: false }

interface Fake extends AsyncDisposable {
  readonly registry: Registry
  /** `GET /config/users` and the like, in the order they came. */
  readonly asked: string[]
  readonly headers: IncomingMessage['headers'][]
  readonly url: string
}

type Answer = (asked: string, response: ServerResponse) => unknown

/** A server that answers as it is told: what a real registry cannot be made to do. */
async function fake(answer: Answer, login = ''): Promise<Fake> {
  const asked: string[] = []
  const headers: IncomingMessage['headers'][] = []
  const server = createServer((request, response) => {
    const what = `${request.method} ${request.url}`
    asked.push(what)
    headers.push(request.headers)
    request.resume().once('end', () => answer(what, response))
  }).listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  const { port } = server.address() as AddressInfo
  const url = `http://${login}127.0.0.1:${port}/api`
  return {
    registry: await openConfluentRegistry({ url, logger, timeoutMs: 200 }),
    asked,
    headers,
    url,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

function json(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'Content-Type': 'application/vnd.schemaregistry.v1+json' })
  response.end(JSON.stringify(body))
}

/** The calls of the port: each is put through the faults that all may meet. */
const CALLS: readonly [string, (registry: Registry) => Promise<unknown>][] = [
  ['register', (registry) => registry.register('users', SCHEMA)],
  ['byId', (registry) => registry.byId(7)],
  ['ping', (registry) => registry.ping()],
]

describe.each(CALLS)('%s', (_, call) => {
  test('on a registry that is down may be retried', async () => {
    const { registry, ...gone } = await fake(() => {})
    await gone[Symbol.asyncDispose]()
    await expect(call(registry)).rejects.toMatchObject(away)
    await expect(call(registry)).rejects.toThrow(/ECONNREFUSED/)
  })

  test.each([
    ['hangs', () => {}],
    [
      'sends half an answer and hangs',
      (_asked: string, response: ServerResponse) => {
        response.writeHead(200, { 'Content-Length': 100 })
        response.write('{"id":')
      },
    ],
    [
      'sends half an answer and hangs up',
      (_asked: string, response: ServerResponse) => {
        response.writeHead(200, { 'Content-Length': 100 })
        response.write('{"id":', () => response.destroy())
      },
    ],
  ] as const)('on a registry that %s is given up', async (_how, answer) => {
    await using server = await fake(answer)
    await expect(call(server.registry)).rejects.toMatchObject({
      code: 'ENGINE_TIMEOUT',
      retriable: true,
    })
  })

  test('on a registry that hangs up may be retried', async () => {
    await using server = await fake((_asked, response) => response.destroy())
    await expect(call(server.registry)).rejects.toMatchObject(away)
  })

  test.each([500, 502, 503, 504])('that is answered with %i may be retried', async (status) => {
    await using server = await fake((_asked, response) => {
      response.writeHead(status, { 'Content-Type': 'text/html' }).end('<h1>Bad gateway</h1>')
    })
    await expect(call(server.registry)).rejects.toMatchObject(away)
    expect(server.asked).toHaveLength(1)
  })

  test('that is one too many may be retried', async () => {
    await using server = await fake((_asked, response) =>
      json(response, 429, { error_code: 42901, message: 'slow down' }),
    )
    await expect(call(server.registry)).rejects.toMatchObject({
      code: 'ENGINE_OVERLOADED',
      retriable: true,
    })
  })

  test.each([401, 403])('with a login that is answered with %i is refused', async (status) => {
    const words = { error_code: status, message: 'who are you?' }
    await using server = await fake(
      (_asked, response) => json(response, status, words),
      'ann:s3cret@',
    )
    await expect(call(server.registry)).rejects.toMatchObject(refused)
    await expect(call(server.registry)).rejects.toThrow('who are you?')
    await expect(call(server.registry)).rejects.not.toThrow('s3cret')
  })

  test('on a server that is no registry is refused, with what the URL should be', async () => {
    for (const status of [200, 404]) {
      await using server = await fake((_asked, response) => {
        response.writeHead(status, { 'Content-Type': 'text/html' }).end('<h1>Welcome</h1>')
      })
      await expect(call(server.registry)).rejects.toMatchObject(refused)
      await expect(call(server.registry)).rejects.toThrow('/apis/ccompat/v7')
    }
  })
})

test('the login of the URL is sent, unescaped', async () => {
  const listing: Answer = (_asked, response) => json(response, 200, [])
  await using server = await fake(listing, 'ann%40shop:p%3Aw%2F@')
  await server.registry.ping()
  const sent = server.headers[0]?.authorization ?? ''
  expect(Buffer.from(sent.replace('Basic ', ''), 'base64').toString()).toBe('ann@shop:p:w/')
})

describe('an id that the registry does not know', () => {
  const unknown: Answer = (_asked, response) =>
    json(response, 404, { error_code: 40403, message: 'Schema 7 not found.' })

  test('costs one request, however many ask, and another after a while', async () => {
    await using server = await fake(unknown)
    for (let i = 0; i < 3; i++) {
      const asking = Array.from({ length: 100 }, () => server.registry.byId(7))
      for (const outcome of await Promise.allSettled(asking)) {
        expect(outcome).toMatchObject({ reason: { code: 'UNKNOWN_SCHEMA', retriable: true } })
      }
    }
    expect(server.asked).toHaveLength(1)
    await vi.waitFor(
      async () => {
        await expect(server.registry.byId(7)).rejects.toThrow('no schema 7')
        expect(server.asked).toHaveLength(2)
      },
      { timeout: UNKNOWN_KEPT_MS * 100 },
    )
  })

  test('is asked for again at once when the registry did not answer', async () => {
    let isUp = false
    await using server = await fake((_asked, response) =>
      isUp ? json(response, 200, { schema: SCHEMA }) : response.destroy(),
    )
    await expect(server.registry.byId(7)).rejects.toMatchObject(away)
    isUp = true
    expect(await server.registry.byId(7)).toBe(SCHEMA)
  })
})

test('an id that is known is not asked for again, also when the registry is gone', async () => {
  const server = await fake((_asked, response) => json(response, 200, { schema: SCHEMA }))
  await server.registry.byId(7)
  await server[Symbol.asyncDispose]()
  expect(await server.registry.byId(7)).toBe(SCHEMA)
  expect(server.asked).toEqual(['GET /api/schemas/ids/7'])
})

describe('registering', () => {
  /** A registry that has this compatibility for the subject, or none, and takes every schema. */
  function taking(level: string | undefined, put: Answer): Answer {
    let now = level
    return (asked, response) => {
      if (asked.startsWith('PUT')) {
        now = 'BACKWARD_TRANSITIVE'
        return put(asked, response)
      }
      if (asked.startsWith('POST')) return json(response, 200, { id: 5 })
      return now === undefined
        ? json(response, 404, { error_code: 40401, message: "Subject 'users' not found." })
        : json(response, 200, { compatibilityLevel: now })
    }
  }
  const done: Answer = (_asked, response) =>
    json(response, 200, { compatibility: 'BACKWARD_TRANSITIVE' })
  const GET = 'GET /api/config/users'
  const PUT = 'PUT /api/config/users'
  const POST = 'POST /api/subjects/users/versions'

  test.each([
    ['is none yet', undefined, [GET, PUT, POST]],
    ['is another', 'NONE', [GET, PUT, POST]],
    ['is right', 'BACKWARD_TRANSITIVE', [GET, POST]],
    ['is stricter', 'FULL_TRANSITIVE', [GET, POST]],
  ])('sets the compatibility first where it %s', async (_, level, calls) => {
    await using server = await fake(taking(level, done))
    expect(await server.registry.register('users', SCHEMA)).toBe(5)
    expect(server.asked).toEqual(calls)
  })

  test('lets another process set the compatibility at the same moment', async () => {
    const taken: Answer = (_asked, response) =>
      json(response, 409, {
        error_code: 409,
        message: "A rule named 'COMPATIBILITY' already exists.",
      })
    await using server = await fake(taking(undefined, taken))
    expect(await server.registry.register('users', SCHEMA)).toBe(5)
    expect(server.asked).toEqual([GET, PUT, GET, POST])
  })

  test('what is incompatible is refused with the reason of the registry', async () => {
    await using server = await fake((asked, response) =>
      asked.startsWith('POST')
        ? json(response, 409, { error_code: 409, message: 'Incompatible at /fields/3' })
        : json(response, 200, { compatibilityLevel: 'BACKWARD_TRANSITIVE' }),
    )
    const registering = server.registry.register('users', SCHEMA)
    await expect(registering).rejects.toMatchObject({
      code: 'INCOMPATIBLE_SCHEMA',
      retriable: false,
    })
    await expect(registering).rejects.toThrow(/users.*Incompatible at \/fields\/3/)
  })

  test('asks nothing for what is no schema', async () => {
    await using server = await fake(() => {})
    await expect(server.registry.register('users', '{')).rejects.toMatchObject(refused)
    expect(server.asked).toEqual([])
  })
})

test.each([
  ['registry.example:8085', 'does not begin with http:// or https://'],
  ['/apis/ccompat/v7', 'does not begin with http:// or https://'],
  ['http://ann:s3cret@host/api?timeout=5', 'no parameter timeout, only ca, cert, key'],
  ['https://ann:s3cret@host/api?ca=/nowhere/ca.pem', 'cannot be read (ENOENT'],
])('the URL %s is refused with what is wrong and an example', async (url, reason) => {
  const opening = openConfluentRegistry({ url, logger })
  await expect(opening).rejects.toMatchObject(refused)
  await expect(opening).rejects.toThrow(reason)
  await expect(opening).rejects.toThrow('https://user:password@registry.example:8085')
  await expect(opening).rejects.not.toThrow('s3cret')
})
