import { pino } from 'pino'
import { Registry } from 'prom-client'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { systemClock } from '#engines/clock/system-clock.ts'
import { EngineError } from '#engines/errors.ts'
import { text } from '#http/answers.ts'
import { httpApp } from '#http/http-app.ts'
import { endpoints, route } from '#http/route.ts'
import { healthEndpoints } from '#serving/http/health-routes.ts'
import { LIVE_ROUTES } from '#serving/http/live-routes.ts'
import { LIVE_LIMITS, LiveHub } from '#serving/live/live-hub.ts'
import { type HttpServer, startHttpServer } from './http-server.ts'

const OFTEN = 30
const away = new EngineError('ENGINE_UNAVAILABLE', 'the tables are away')
const lines: Record<string, unknown>[] = []
let server: HttpServer

function failsWith(path: `/${string}`, error: Error) {
  return route({
    method: 'get',
    path,
    operationId: path,
    tag: 'operations',
    summary: 'Fails.',
    description: 'Always.',
    answer: text('text/plain', { description: 'Never.', example: '' }),
    handle: () => Promise.reject(error),
  })
}

beforeAll(async () => {
  const engines = [{ name: 'tables', ping: () => Promise.reject(away) }]
  const health = healthEndpoints({ engines, metrics: new Registry(), now: Date.now })
  const full = new LiveHub({
    clock: systemClock,
    feed: () => Promise.resolve(),
    limits: { ...LIVE_LIMITS, listenersMax: 0 },
  })
  const live = endpoints(LIVE_ROUTES, { hub: full, clientAddress: () => 'me' })
  const failing = endpoints(
    [
      failsWith('/v1/needs-tables', away),
      failsWith('/v1/is-wrong', new TypeError('a is undefined')),
    ],
    undefined,
  )
  const write = (line: string) => lines.push(JSON.parse(line) as Record<string, unknown>)
  const app = httpApp({
    endpoints: [...health, ...live, ...failing],
    logger: pino({ level: 'info' }, { write }),
  })
  server = await startHttpServer({ host: '127.0.0.1', port: 0, app })
})
afterAll(() => server[Symbol.asyncDispose]())
beforeEach(() => {
  lines.length = 0
})

async function statuses(path: string): Promise<Set<number>> {
  const answers = await Promise.all(Array.from({ length: OFTEN }, () => fetch(server.url + path)))
  return new Set(answers.map(({ status }) => status))
}

test.each(['/readyz', '/v1/trends/live'])(
  '%s that answers 503, as it should, logs nothing',
  async (path) => {
    expect(await statuses(path)).toEqual(new Set([503]))
    expect(lines).toEqual([])
  },
)

test('an engine that is away when it is needed is a warning, said once', async () => {
  expect(await statuses('/v1/needs-tables')).toEqual(new Set([503]))
  const warn = pino.levels.values['warn']
  expect(lines).toMatchObject([{ level: warn, reason: 'the tables are away' }])
})

test('what is wrong with us is an error with where it was', async () => {
  expect(await statuses('/v1/is-wrong')).toEqual(new Set([500]))
  expect(lines).toHaveLength(OFTEN)
  const err = { type: 'TypeError', message: 'a is undefined' }
  expect(lines[0]).toMatchObject({ level: pino.levels.values['error'], path: '/v1/is-wrong', err })
})
