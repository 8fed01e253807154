import { once } from 'node:events'
import { connect } from 'node:net'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { allowedHosts, isLoopback } from './allowed-hosts.ts'
import type { HttpServer } from './http-server.ts'
import { ask, guarded } from './server.fixture.ts'

let server: HttpServer
beforeAll(async () => {
  server = await guarded([allowedHosts({ listensOn: 'Shop-Box', named: ['freshet.example'] })])
})
afterAll(() => server[Symbol.asyncDispose]())

test.each([
  'localhost',
  'LOCALHOST:8080',
  'localhost.:8080',
  '127.0.0.1',
  '127.9.9.9:1',
  '[::1]:8080',
  '[2001:db8::1]',
  '10.1.2.3:8080',
  'shop-box:8080',
  'freshet.example',
  'Freshet.Example:443',
])('Host %s is answered', async (host) => {
  expect(await ask(server.url, { headers: { Host: host } })).toMatchObject({ body: 'taken' })
})

test.each([
  'evil.example',
  'evil.example:8080',
  'localhost.evil.example',
  'evil-localhost',
  '127.0.0.1.evil.example',
  '1.2.3.4.5',
  'sub.freshet.example',
  'freshet.example.evil',
  'localhost@evil.example',
  'evil.example@localhost',
  'localhost:evil',
  'localhost/evil',
  '[evil.example]',
  '[1.2.3.4]',
])('Host %j is refused, whatever is asked', async (host) => {
  for (const asked of [{}, { method: 'POST' }, { path: '/docs/errors/README.md' }, { path: '/no' }])
    expect((await ask(server.url, { ...asked, headers: { Host: host } })).status).toBe(421)
})

test('the refusal is a problem that names the setting', async () => {
  const { headers, body } = await ask(server.url, { headers: { Host: 'evil.example' } })
  expect(headers['content-type']).toContain('application/problem+json')
  expect(JSON.parse(body)).toMatchObject({
    type: '/docs/errors/misdirected-request.md',
    status: 421,
    detail: expect.stringMatching(/"evil\.example".*ALLOWED_HOSTS/) as string,
  })
})

test.each([
  ['HTTP/1.0', '200'],
  ['HTTP/1.0\r\nHost: evil.example', '421'],
  ['HTTP/1.1', '400'],
  ['HTTP/1.1\r\nHost:', '421'],
])('%j is answered with %s', async (version, status) => {
  const socket = connect(Number(new URL(server.url).port), '127.0.0.1')
  socket.write(`GET /v1/x ${version}\r\n\r\n`)
  const [answer] = (await once(socket, 'data')) as [Buffer]
  expect(String(answer).split(' ')[1]).toBe(status)
  socket.destroy()
})

test.each([
  ['localhost', true],
  ['127.0.0.1', true],
  ['127.1.2.3', true],
  ['::1', true],
  ['0.0.0.0', false],
  ['::', false],
  ['10.0.0.1', false],
  ['127.evil.example', false],
])('listening on %s alone: only this machine reaches it? %s', (host, expected) => {
  expect(isLoopback(host)).toBe(expected)
})
