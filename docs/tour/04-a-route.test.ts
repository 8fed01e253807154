/**
 * Chapter 4: a route.
 *
 * A route is declared once: its path, its schemas, what it answers. Express, the OpenAPI document and the check of
 * every request are made from that declaration, so that a route without documentation, or a parameter that is silently
 * ignored, cannot be written.
 *
 * Read next: http/route.ts, http/mount.ts, serving/http/ledger-routes.ts.
 */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { pino } from 'pino'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { z } from 'zod'
import { json } from '#http/answers.ts'
import { httpApp } from '#http/http-app.ts'
import { openApiDocument } from '#http/open-api-document.ts'
import { endpoints, route } from '#http/route.ts'

const Greeting = z.object({ greeting: z.string() }).meta({ id: 'Greeting' })

/** A real one stands in serving/http/, its body's schema in schemas/http/. */
const GREET = route({
  method: 'get',
  path: '/v1/greetings/{name}',
  operationId: 'greet',
  tag: 'operations',
  summary: 'Greets somebody.',
  description: 'The shortest route there is.',
  params: z.object({ name: z.string().max(20) }),
  query: z.object({ loud: z.enum(['true', 'false']).default('false') }),
  answer: json(Greeting, { description: 'The greeting.', example: { greeting: 'Hello, Ann' } }),
  handle: ({ params: { name }, query: { loud } }, { word }: { readonly word: string }) => {
    const greeting = `${word}, ${name}`
    return { greeting: loud === 'true' ? greeting.toUpperCase() : greeting }
  },
})

// What a route depends on is given where it is mounted.
const declared = endpoints([GREET], { word: 'Hello' })
const server = createServer(httpApp({ endpoints: declared, logger: pino({ level: 'silent' }) }))
let url = ''
beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})
afterAll(() => new Promise((resolve) => server.close(resolve)))

test('it answers', async () => {
  const answer = await fetch(`${url}/v1/greetings/Ann?loud=true`)
  expect(await answer.json()).toEqual({ greeting: 'HELLO, ANN' })
})

test('it is in the document, with what any route may answer', async () => {
  const whateverItSays = expect.anything() as unknown
  expect(openApiDocument(declared)).toMatchObject({
    paths: {
      '/v1/greetings/{name}': {
        get: {
          operationId: 'greet',
          summary: 'Greets somebody.',
          responses: {
            200: whateverItSays,
            400: whateverItSays,
            405: whateverItSays,
            429: whateverItSays,
          },
        },
      },
    },
  })
})

test('a parameter that it does not have is refused by name', async () => {
  const refused = await fetch(`${url}/v1/greetings/Ann?laud=true`)
  expect(refused.status).toBe(400)
  expect(await refused.json()).toMatchObject({
    type: '/docs/errors/invalid-request.md',
    errors: [{ pointer: '/laud' }],
  })
})

test('another method is told which there are', async () => {
  const refused = await fetch(`${url}/v1/greetings/Ann`, { method: 'DELETE' })
  expect([refused.status, refused.headers.get('Allow')]).toEqual([405, 'GET, HEAD'])
})
