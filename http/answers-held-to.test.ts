import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { pino } from 'pino'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { ProblemError } from '#schemas/http/problem.ts'
import { json, stream, text } from './answers.ts'
import { answersHeldTo } from './answers-held-to.fixture.ts'
import { httpApp } from './http-app.ts'
import { type Endpoint, endpoints, route } from './route.ts'

const Tea = z.object({ leaf: z.string(), grams: z.int() }).meta({ id: 'Tea' })
const SAID = { tag: 'operations', summary: 'Tea.', description: 'A pot.' } as const
const TEA = { description: 'Tea.', example: { leaf: 'Assam', grams: 3 } }

/** A route that is documented as tea and answers what the planted handler makes of it. */
function brewing(planted: Endpoint['serve']): Endpoint {
  const [declared] = endpoints(
    [
      route({
        method: 'get',
        path: '/tea',
        operationId: 'tea',
        ...SAID,
        answer: json(Tea, TEA),
        cacheControl: 'no-store',
        handle: () => TEA.example,
      }),
    ],
    undefined,
  )
  if (declared === undefined) throw new TypeError('one route is one endpoint')
  return { ...declared, serve: planted }
}

/** What was found wrong with the answer of a request. */
async function found(routes: readonly Endpoint[], path = '/tea', init?: RequestInit) {
  const answers = answersHeldTo(routes)
  const logger = pino({ level: 'silent' })
  const server = createServer(httpApp({ endpoints: routes, logger, watch: answers.watch }))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()))
  const { port } = server.address() as AddressInfo
  const answer = await fetch(`http://127.0.0.1:${port}${path}`, init)
  await answer.text()
  server.closeAllConnections()
  await new Promise((resolve) => server.close(resolve))
  return answers.violations
}

test.each([
  ['a field that is missing', { leaf: 'Assam' }, 'grams'],
  ['a field of another type', { leaf: 'Assam', grams: '3' }, 'integer'],
  ['a field that is not in the document', { leaf: 'Assam', grams: 3, milk: true }, 'milk'],
])('%s is found', async (_, answered, word) => {
  const violations = await found([
    brewing(async (_request, response) => void response.json(answered)),
  ])
  expect(violations).toHaveLength(1)
  expect(violations[0]).toContain(word)
})

test.each<[string, Endpoint['serve'], string]>([
  ['status', async (_, response) => void response.status(418).json({}), '418 is not documented'],
  ['type', async (_, response) => void response.type('html').send('tea'), '200 as text/html'],
  ['header', async (_, response) => void response.set('Allow', 'GET').json(TEA.example), 'Allow'],
  ['problem', async () => Promise.reject(new ProblemError('not-found', 'no')), '404 is not'],
])('another %s than the document has is found', async (_, planted, word) => {
  const violations = await found([brewing(planted)])
  expect(violations).toHaveLength(1)
  expect(violations[0]).toContain(word)
})

test('a route that is not in the document is found', async () => {
  const answers = answersHeldTo([])
  const [endpoint] = [brewing(async (_, response) => void response.json(TEA.example))]
  const logger = pino({ level: 'silent' })
  const app = httpApp({ endpoints: [endpoint], logger, watch: answers.watch })
  const server = createServer(app).listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  await (await fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}/tea`)).text()
  await new Promise((resolve) => server.close(resolve))
  expect(answers.violations).toEqual(['GET /tea: /tea is not in the document'])
  expect(() => answers[Symbol.dispose]()).toThrow('/tea is not in the document')
})

test.each([
  ['an answer', '/tea', {}],
  ['an answer to HEAD', '/tea', { method: 'HEAD' }],
  ['methods', '/tea', { method: 'OPTIONS' }],
  ['a wrong method', '/tea', { method: 'DELETE' }],
  ['an unknown parameter', '/tea?milk=1', {}],
  ['an unknown address', '/coffee', {}],
  ['text', '/text', {}],
  ['a stream', '/stream', {}],
  ['the document', '/openapi.json', {}],
])('%s, as it is documented, is left alone', async (_, path, init) => {
  const routes = endpoints(
    [
      route({
        method: 'get',
        path: '/tea',
        operationId: 'tea',
        ...SAID,
        answer: json(Tea, TEA),
        handle: () => TEA.example,
      }),
      route({
        method: 'get',
        path: '/text',
        operationId: 'text',
        ...SAID,
        answer: text('text/plain', { description: 'Text.', example: 'a' }),
        handle: () => 'b',
      }),
      route({
        method: 'get',
        path: '/stream',
        operationId: 'stream',
        ...SAID,
        answer: stream('text/event-stream', { description: 'Bits.', example: 'a' }),
        handle: () => (response) => void response.end('a'),
      }),
    ],
    undefined,
  )
  expect(await found(routes, path, init)).toEqual([])
})
