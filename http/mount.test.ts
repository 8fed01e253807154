import { createServer, request } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { text as streamText } from 'node:stream/consumers'
import { promisify } from 'node:util'
import { pino } from 'pino'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { z } from 'zod'
import { json } from './answers.ts'
import { httpApp } from './http-app.ts'
import { jsonBody } from './json-body.ts'
import { openApiDocument } from './open-api-document.ts'
import { endpoints, route } from './route.ts'

const Cup = z.object({ cup: z.string() }).meta({ id: 'Cup' })
const SAID = { tag: 'operations', summary: 'Cups.', description: 'One.' } as const
const answer = json(Cup, { description: 'A cup.', example: { cup: 'blue' } })

const GET_CUP = route({
  method: 'get',
  path: '/cups/{cup}',
  operationId: 'cup',
  ...SAID,
  answer,
  params: z.object({ cup: z.string().max(5) }),
  query: z.object({ saucer: z.string().optional() }),
  handle: ({ params: { cup }, query: { saucer = 'no' } }, { set }: { set: string }) => ({
    cup: `${set} ${cup} ${saucer}`,
  }),
})
const ADD_CUP = route({
  method: 'post',
  path: '/cups/{cup}',
  operationId: 'addCup',
  ...SAID,
  answer,
  params: z.object({ cup: z.string() }),
  body: jsonBody(Cup, { bytesMax: 30, example: { cup: 'red' } }),
  handle: ({ body: { cup } }) => ({ cup }),
})
const ROUTES = [GET_CUP, ADD_CUP]

const app = httpApp({
  endpoints: endpoints(ROUTES, { set: 'best' }),
  logger: pino({ level: 'silent' }),
})
const server = createServer(app)
let url = ''
beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()))
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})
afterAll(() => new Promise((resolve) => server.close(resolve)))

const post = (body: string | Uint8Array<ArrayBuffer>, type = 'application/json', headers = {}) =>
  fetch(`${url}/cups/red`, { method: 'POST', body, headers: { 'Content-Type': type, ...headers } })

test('a handler gets what was checked and what it depends on', async () => {
  expect(await (await fetch(`${url}/cups/a%2Fb?saucer=yes`)).json()).toEqual({
    cup: 'best a/b yes',
  })
  expect(await (await post('{"cup":"red"}')).json()).toEqual({ cup: 'red' })
})

test.each([
  ['/cups/purple', '/cup'],
  ['/cups/red?spoon=1', '/spoon'],
  ['/cups/red?saucer=1&saucer=2', '/saucer'],
  ['/cups/red?__proto__=1', '/__proto__'],
])('%s is refused with the pointer %s', async (path, pointer) => {
  const refused = await fetch(url + path)
  expect(refused.status).toBe(400)
  expect(await refused.json()).toMatchObject({ errors: [{ pointer }] })
})

test.each([
  ['{"cup":"red","a/b":1}', 400, 'invalid-request'],
  ['null', 400, 'invalid-request'],
  ['{"cup":', 400, 'malformed-body'],
  [`{"cup":"${'r'.repeat(40)}"}`, 413, 'payload-too-large'],
])('the body %s is refused with %i %s', async (body, status, kind) => {
  const refused = await post(body)
  expect(refused.status).toBe(status)
  expect(await refused.json()).toMatchObject({ type: `/docs/errors/${kind}.md` })
})

test.each([
  ['broken gzip', Buffer.from('{"cup":"red"}'), { 'Content-Encoding': 'gzip' }],
  ['text that is not UTF-8', Buffer.from('{"cup":"é"}', 'latin1'), {}],
])('%s is a malformed body', async (_, body, headers) => {
  const refused = await post(body, 'application/json', headers)
  expect(await refused.json()).toMatchObject({ status: 400, title: 'Malformed body' })
})

test.each([
  ['DELETE', '/cups/red', '405'],
  ['POST', '/mugs', '404'],
  ['POST', '/cups/red', '413'],
])(
  'the answer to a long %s %s reaches a caller that closes after it',
  async (method, path, status) => {
    const socket = connect(Number(new URL(url).port), '127.0.0.1')
    const body = 'x'.repeat(10_000_000)
    const head = [
      `${method} ${path} HTTP/1.1`,
      'Host: 127.0.0.1',
      'Connection: close',
      'Content-Type: application/json',
      `Content-Length: ${body.length}`,
    ]
    // An error of the socket, a broken pipe for one, rejects.
    const [answer] = await Promise.all([
      streamText(socket),
      promisify((done: (error?: Error | null) => void) =>
        socket.write(`${head.join('\r\n')}\r\n\r\n${body}`, done),
      )(),
    ])
    expect(answer).toMatch(new RegExp(`^HTTP/1.1 ${status} `))
  },
)

test('a body of another type is refused, and so is one in a charset that is not read', async () => {
  expect((await post('{"cup":"red"}', 'text/plain')).status).toBe(415)
  expect((await post('{"cup":"red"}', 'application/json; charset=ebcdic')).status).toBe(415)
})

test('a path tells the methods of all its routes', async () => {
  for (const [method, status] of [
    ['OPTIONS', 204],
    ['DELETE', 405],
  ] as const) {
    const refused = await fetch(`${url}/cups/red`, { method })
    expect([refused.status, refused.headers.get('Allow')]).toEqual([status, 'GET, HEAD, POST'])
  }
})

test.each(['TRACE', 'PROPFIND', 'PURGE'])(
  '%s, which fetch cannot send, is refused too',
  async (method) => {
    const [status, allow] = await new Promise<readonly unknown[]>((resolve, reject) => {
      const asked = request(`${url}/cups/red`, { method }, (answer) => {
        answer.resume()
        resolve([answer.statusCode, answer.headers.allow])
      })
      asked.on('error', reject).end()
    })
    expect([status, allow]).toEqual([405, 'GET, HEAD, POST'])
  },
)

test('what is mounted is documented: there is no other way to mount', async () => {
  const { paths } = (await (await fetch(`${url}/openapi.json`)).json()) as { paths: object }
  expect(paths).toMatchObject({
    '/cups/{cup}': { get: { operationId: 'cup' }, post: { operationId: 'addCup' } },
    '/openapi.json': { get: { operationId: 'openApi' } },
  })
})

test('a handler that answers with a field that is not declared does not compile', () => {
  const declared = { method: 'get', path: '/mugs', operationId: 'mugs', ...SAID, answer } as const
  const routes = [
    route({ ...declared, handle: () => ({ cup: 'blue' }) }),
    // @ts-expect-error Cups have no handle.
    route({ ...declared, handle: () => ({ cup: 'blue', handle: 1 }) }),
    // @ts-expect-error Nor when they come later.
    route({ ...declared, handle: () => Promise.resolve({ cup: 'blue', handle: 1 }) }),
  ]
  expect(routes).toHaveLength(3)
})

test('two routes of one name, or of one method and path, are a mistake', () => {
  const other = { ...GET_CUP, path: '/mugs' as const }
  expect(() => openApiDocument([GET_CUP, other])).toThrow('two routes are declared as cup')
  const same = { ...GET_CUP, operationId: 'mug' }
  expect(() => openApiDocument([GET_CUP, same])).toThrow('declared as get /cups/{cup}')
})
