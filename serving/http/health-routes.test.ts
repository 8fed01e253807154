import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { pino } from 'pino'
import { Registry } from 'prom-client'
import { expect, test } from 'vitest'
import { httpApp } from '#http/http-app.ts'
import { Readiness } from '#schemas/http/health.ts'
import { healthEndpoints } from './health-routes.ts'

type Options = Partial<Parameters<typeof healthEndpoints>[0]>

async function ready(options: Options) {
  const engines = [{ name: 'log', ping: () => Promise.resolve() }]
  const metrics = new Registry()
  const endpoints = healthEndpoints({ engines, metrics, now: Date.now, ...options })
  const app = httpApp({ endpoints, logger: pino({ level: 'silent' }) })
  const server = createServer(app).listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  const { port } = server.address() as AddressInfo
  const answer = await fetch(`http://127.0.0.1:${port}/readyz`)
  const body = (await answer.json()) as Record<string, unknown>
  await new Promise((resolve) => server.close(resolve))
  return { status: answer.status, body }
}

test('on this machine alone it is not exposed', async () => {
  const { body } = await ready({})
  expect(Readiness.parse(body)).toEqual(body)
  expect(body).toEqual({ ready: true, engines: [{ name: 'log', ready: true }], exposed: false })
})

test('beyond this machine it says so, and what to do', async () => {
  const { status, body } = await ready({ warning: 'There is no login.' })
  expect(Readiness.parse(body)).toEqual(body)
  expect(status).toBe(200)
  expect(body).toMatchObject({ exposed: true, warning: 'There is no login.' })
})

test('it is exposed as well while an engine is away', async () => {
  const engines = [{ name: 'log', ping: () => Promise.reject(new Error('gone')) }]
  const { status, body } = await ready({ engines, warning: 'There is no login.' })
  expect(status).toBe(503)
  expect(body).toMatchObject({
    type: '/docs/errors/engine-unavailable.md',
    ready: false,
    exposed: true,
  })
})

test('a process that stops is not ready, though its engines are', async () => {
  const { status, body } = await ready({ isStopping: () => true })
  expect(status).toBe(503)
  const type = '/docs/errors/shutting-down.md'
  expect(body).toMatchObject({ type, ready: false, engines: [{ ready: true }] })
})
