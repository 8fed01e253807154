import { connect } from 'node:net'
import { constants, gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { EngineError } from '#engines/errors.ts'
import { EventsAccepted } from '#schemas/http/events-accepted.ts'
import { type CollectorFixture, startCollector } from './collector.fixture.ts'

const VIEW = { type: 'ProductViewed', user_id: 'u1', product_id: 'p1' }

interface Answer {
  readonly status: number
  readonly retryAfter: string | null
  readonly body: Record<string, unknown>
}

type Body = string | Uint8Array<ArrayBuffer>

async function post(url: string, body: Body, headers: Record<string, string> = {}) {
  const response = await fetch(`${url}/v1/events`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body,
  })
  const answer: Answer = {
    status: response.status,
    retryAfter: response.headers.get('retry-after'),
    body: (await response.json()) as Record<string, unknown>,
  }
  return answer
}

const problem = (kind: string) => `/docs/errors/${kind}.md`

/** The first bytes of a gzip stream that goes on: enough to inflate the text. */
function flushed(text: string): Buffer {
  return gzipSync(text, { finishFlush: constants.Z_SYNC_FLUSH })
}

describe('with a log that takes everything', () => {
  let collector: CollectorFixture
  beforeAll(async () => {
    collector = await startCollector()
  })
  afterAll(() => collector[Symbol.asyncDispose]())

  const send = (body: Body, headers?: Record<string, string>) => post(collector.url, body, headers)
  const storedWith = async (eventId: string) =>
    (await collector.stored()).filter((event) => event.event_id === eventId)

  test('a single event is accepted and stored with what was filled in', async () => {
    const { status, body } = await send(JSON.stringify({ ...VIEW, product_id: 'single' }))
    expect({ status, body }).toEqual({ status: 202, body: { accepted: 1, rejected: [] } })
    const stored = (await collector.stored()).find(
      (event) => event.type === 'ProductViewed' && event.product_id === 'single',
    )
    expect(stored).toEqual({
      ...VIEW,
      product_id: 'single',
      event_id: expect.stringMatching(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab]/),
      event_time: collector.clock.now(),
      received_at: collector.clock.now(),
      sent_at: null,
      source: '',
      anonymous_id: null,
      session_id: null,
    })
  })

  test('a batch keeps what is valid and names what is not', async () => {
    const events = [
      { ...VIEW, event_id: 'mixed-0' },
      { ...VIEW, event_id: 'mixed-1', product_id: undefined },
      { ...VIEW, event_id: 'mixed-2', type: 'ProductEaten' },
      17,
      { ...VIEW, event_id: 'mixed-4' },
    ]
    const { status, body } = await send(JSON.stringify({ events }))
    expect(status).toBe(202)
    expect(EventsAccepted.parse(body)).toEqual({
      accepted: 2,
      rejected: [
        {
          index: 1,
          event_id: 'mixed-1',
          code: 'missing_field',
          pointer: '/product_id',
          message: '/product_id is required',
        },
        {
          index: 2,
          event_id: 'mixed-2',
          code: 'unknown_type',
          pointer: '/type',
          message: '/type "ProductEaten" is no event type; /openapi.json lists those there are',
        },
        {
          index: 3,
          event_id: null,
          code: 'not_an_object',
          pointer: '',
          message: 'an event is a JSON object',
        },
      ],
    })
    expect(await storedWith('mixed-0')).toHaveLength(1)
    expect(await storedWith('mixed-2')).toHaveLength(0)
    expect(await storedWith('mixed-4')).toHaveLength(1)
  })

  test('a broken line of NDJSON is rejected alone, empty lines do not count', async () => {
    const lines = [
      JSON.stringify({ ...VIEW, event_id: 'line-0' }),
      '',
      '{"type":"ProductViewed",',
      JSON.stringify({ ...VIEW, event_id: 'line-2' }),
    ]
    const { status, body } = await send(`${lines.join('\r\n')}\n`, {
      'content-type': 'application/x-ndjson; charset=utf-8',
    })
    expect(status).toBe(202)
    expect(body).toMatchObject({
      accepted: 2,
      rejected: [{ index: 1, event_id: null, code: 'malformed_json', pointer: '' }],
    })
    expect(await storedWith('line-2')).toHaveLength(1)
  })

  test('an invalid UTF-8 line of NDJSON is rejected alone', async () => {
    const good = JSON.stringify({ ...VIEW, event_id: 'utf8-good' })
    const body = Buffer.concat([
      Buffer.from(`${good}\n{"type":"ProductViewed","user_id":"`),
      Buffer.from([0xc3, 0x28]),
      Buffer.from('","product_id":"p"}\n'),
    ])
    const answer = await send(body, { 'content-type': 'application/x-ndjson' })
    expect(answer.body).toMatchObject({
      accepted: 1,
      rejected: [{ index: 1, code: 'invalid_text' }],
    })
  })

  test('gzipped bodies are inflated, as JSON and as NDJSON', async () => {
    const gzip = { 'content-encoding': 'gzip' }
    const json = JSON.stringify({ events: [{ ...VIEW, event_id: 'gzip-json' }] })
    expect((await send(gzipSync(json), gzip)).status).toBe(202)
    const line = JSON.stringify({ ...VIEW, event_id: 'gzip-line' })
    const ndjson = { ...gzip, 'content-type': 'application/x-ndjson' }
    expect((await send(gzipSync(`${line}\n`), ndjson)).status).toBe(202)
    expect(await storedWith('gzip-json')).toHaveLength(1)
    expect(await storedWith('gzip-line')).toHaveLength(1)
  })

  test.each(['GET', 'HEAD', 'PUT', 'PATCH', 'DELETE'])(
    '%s is refused with what applies',
    async (method) => {
      const answer = await fetch(`${collector.url}/v1/events`, { method })
      expect([answer.status, answer.headers.get('Allow')]).toEqual([405, 'POST'])
    },
  )

  test('OPTIONS names the method, and another way of writing the address is no address', async () => {
    const options = await fetch(`${collector.url}/v1/events`, { method: 'OPTIONS' })
    expect([options.status, options.headers.get('Allow')]).toEqual([204, 'POST'])
    for (const path of ['/V1/events', '/v1/events/', '/v1/Events']) {
      const init = { method: 'POST', body: JSON.stringify(VIEW) }
      expect((await fetch(collector.url + path, init)).status).toBe(404)
    }
  })

  test('a parameter is refused, for there is none', async () => {
    const init = { method: 'POST', body: JSON.stringify({ ...VIEW, event_id: 'parameter' }) }
    const answer = await fetch(`${collector.url}/v1/events?dry_run=1`, init)
    expect(answer.status).toBe(400)
    expect(await answer.json()).toMatchObject({ errors: [{ pointer: '/dry_run' }] })
    expect(await storedWith('parameter')).toEqual([])
  })

  test('what sendBeacon sends (text/plain) is read as JSON', async () => {
    const beacon = { 'content-type': 'text/plain;charset=UTF-8' }
    expect((await send(JSON.stringify(VIEW), beacon)).status).toBe(202)
  })

  test.each([
    ['broken JSON', '{"events":[', 'The body cannot be read'],
    ['a bare list', '[]', '{"events": […]}'],
    ['events that are no list', '{"events":{}}', '"events" is not a list'],
    ['bytes that are not UTF-8', Buffer.from([0x22, 0xff, 0x22]), 'not UTF-8'],
  ])('%s is a malformed body', async (_name, body, detail) => {
    const answer = await send(body)
    expect(answer).toMatchObject({ status: 400, body: { type: problem('malformed-body') } })
    expect(answer.body['detail']).toContain(detail)
  })

  test('gzip that is none, or cut short, is a malformed body', async () => {
    const gzip = { 'content-encoding': 'gzip' }
    expect((await send('{}', gzip)).body).toMatchObject({ type: problem('malformed-body') })
    const half = gzipSync(JSON.stringify({ ...VIEW, source: 'half' })).subarray(0, 30)
    expect((await send(half, gzip)).body).toMatchObject({ type: problem('malformed-body') })
  })

  test.each([
    [{ 'content-type': 'application/x-www-form-urlencoded' }],
    [{ 'content-type': 'application/json; charset=utf-16' }],
    [{ 'content-encoding': 'br' }],
    [{ 'content-type': 'constructor' }],
  ])('%j is an unsupported media type', async (headers) => {
    expect(await send('{}', headers)).toMatchObject({
      status: 415,
      body: { type: problem('unsupported-media-type') },
    })
  })

  test('a request of which nothing is accepted is a problem with the same list', async () => {
    const { status, body } = await send(JSON.stringify({ type: 'Nothing', event_id: 'e' }))
    expect(status).toBe(422)
    expect(body).toMatchObject({
      type: problem('no-event-accepted'),
      accepted: 0,
      rejected: [{ index: 0, event_id: 'e', code: 'unknown_type', pointer: '/type' }],
    })
    expect((await send('{"events":[]}')).body).toMatchObject({ accepted: 0, rejected: [] })
  })

  test('ids are kept to the byte, whatever is in them', async () => {
    const ids = [
      '🫖'.repeat(16),
      `Robert'); DROP TABLE raw_events;--`,
      '"\\\u0000\n',
      'é'.repeat(32),
    ]
    const events = ids.map((id) => ({ ...VIEW, event_id: id, user_id: id, product_id: id }))
    expect((await send(JSON.stringify({ events }))).body).toMatchObject({ accepted: ids.length })
    for (const id of ids)
      expect(await storedWith(id)).toMatchObject([{ event_id: id, user_id: id, product_id: id }])
  })

  test('__proto__ in an event changes nothing', async () => {
    const body = `{"type":"ProductViewed","user_id":"u","product_id":"p","event_id":"proto",
      "__proto__":{"polluted":true},"constructor":{"prototype":{"polluted":true}}}`
    expect((await send(body)).status).toBe(202)
    expect(Object.hasOwn(Object.prototype, 'polluted')).toBe(false)
    expect(Object.keys((await storedWith('proto'))[0] ?? {})).not.toContain('__proto__')
    const onlyProto = '{"__proto__":{"type":"ProductViewed","user_id":"u","product_id":"p"}}'
    expect((await send(onlyProto)).body).toMatchObject({ rejected: [{ code: 'missing_field' }] })
  })

  test('times of the far past and future are accepted as they are', async () => {
    const times = ['1970-01-01T00:00:00.000Z', '1999-12-31T23:59:59.999+14:00', 253_402_300_799_999]
    const events = times.map((event_time, i) => ({ ...VIEW, event_time, event_id: `time-${i}` }))
    expect((await send(JSON.stringify({ events }))).body).toMatchObject({ accepted: 3 })
    expect(await storedWith('time-1')).toMatchObject([
      { event_time: Date.parse('1999-12-31T09:59:59.999Z') },
    ])
    expect(await storedWith('time-2')).toMatchObject([{ event_time: 253_402_300_799_999 }])
  })

  test('received_at is set by the collector, whatever is sent', async () => {
    await send(JSON.stringify({ ...VIEW, event_id: 'received', received_at: 1 }))
    expect(await storedWith('received')).toMatchObject([{ received_at: collector.clock.now() }])
  })

  test('the same event twice is stored twice: the pipeline marks duplicates', async () => {
    const event = { ...VIEW, event_id: 'twice' }
    await send(JSON.stringify({ events: [event, event] }))
    expect(await storedWith('twice')).toHaveLength(2)
  })

  test('a body of 10 MB is answered with 413, announced or not, and the connection lives on', async () => {
    const large = Buffer.alloc(10 * 1024 * 1024, 'x')
    const answer = await send(large)
    expect(answer).toMatchObject({ status: 413, body: { type: problem('payload-too-large') } })
    expect(answer.body['detail']).toContain('bodyBytesMax = 5242880')
    const chunked = new ReadableStream({
      start(controller) {
        controller.enqueue(large)
        controller.close()
      },
    })
    const init = { method: 'POST', body: chunked, duplex: 'half' } as const
    expect((await fetch(`${collector.url}/v1/events`, init)).status).toBe(413)
    expect((await send(JSON.stringify(VIEW))).status).toBe(202)
  })

  test('a gzip bomb is answered with 413 without being held', async () => {
    const bomb = gzipSync(Buffer.alloc(100 * 1024 * 1024))
    const before = process.memoryUsage.rss()
    const { status } = await send(bomb, { 'content-encoding': 'gzip' })
    expect(status).toBe(413)
    expect(process.memoryUsage.rss() - before).toBeLessThan(50 * 1024 * 1024)
  })

  test.each(['identity', 'gzip'])(
    'a caller who hangs up half way (%s) leaves no trace',
    async (encoding) => {
      const free = async () =>
        (await collector.metrics.getSingleMetric('freshet_ingest_free_bytes')?.get())?.values[0]
          ?.value
      const before = await free()
      const socket = connect(Number(new URL(collector.url).port), '127.0.0.1')
      await new Promise((resolve) => {
        const head = `POST /v1/events HTTP/1.1\r\nHost: x\r\nContent-Encoding: ${encoding}\r\n`
        const half = encoding === 'gzip' ? flushed('{"type":') : '{"type":'
        socket.write(`${head}Content-Length: 1000\r\n\r\n`)
        socket.write(half, resolve)
      })
      await expect.poll(free).toBeLessThan(before ?? 0)
      socket.destroy()
      await expect.poll(free).toBe(before)
    },
  )

  test('events are counted by what became of them', async () => {
    const text = await collector.metrics.metrics()
    expect(text).toMatch(/freshet_ingest_events_total\{outcome="accepted"\} \d+/)
    expect(text).toMatch(/freshet_ingest_events_total\{outcome="unknown_type"\} 2/)
    expect(text).toMatch(/freshet_ingest_request_seconds_count \d+/)
    expect(text).toMatch(/freshet_ingest_bytes_total \d+/)
  })
})

describe('limits', () => {
  test('more events than eventsMax are refused whole', async () => {
    await using collector = await startCollector({ limits: { eventsMax: 2 } })
    const { status, body } = await post(
      collector.url,
      JSON.stringify({ events: [VIEW, VIEW, VIEW] }),
    )
    expect(status).toBe(413)
    expect(body['detail']).toContain('eventsMax = 2')
    expect(await collector.stored()).toEqual([])
  })

  test('an event above eventBytesMax is rejected alone', async () => {
    await using collector = await startCollector({ limits: { eventBytesMax: 500 } })
    const long = { type: 'ProductSearched', user_id: 'u', query: 'q'.repeat(600) }
    const { body } = await post(collector.url, JSON.stringify({ events: [long, VIEW] }))
    expect(body).toMatchObject({ accepted: 1, rejected: [{ index: 0, code: 'event_too_large' }] })
  })

  test('beyond inFlightBytesMax callers are asked to come back, and later they may', async () => {
    const { promise: gate, resolve: open } = Promise.withResolvers<void>()
    const body = JSON.stringify(VIEW)
    await using collector = await startCollector({
      limits: { inFlightBytesMax: body.length, retryAfterSeconds: 7 },
      wrapLog: (log) => ({ append: (records) => gate.then(() => log.append(records)) }),
    })
    const first = post(collector.url, body)
    await expect.poll(() => collector.metrics.metrics()).toContain('freshet_ingest_free_bytes 0')
    expect(await post(collector.url, body)).toMatchObject({
      status: 503,
      retryAfter: '7',
      body: { type: problem('overloaded') },
    })
    open()
    expect((await first).status).toBe(202)
    expect((await post(collector.url, body)).status).toBe(202)
  })
})

describe('a log that fails or is full', () => {
  test('202 comes only after the append resolved', async () => {
    const { promise: gate, resolve: open } = Promise.withResolvers<void>()
    let durable = false
    await using collector = await startCollector({
      wrapLog: (log) => ({
        append: async (records) => {
          const positions = await log.append(records)
          await gate
          durable = true
          return positions
        },
      }),
    })
    const answer = post(collector.url, JSON.stringify(VIEW)).then(({ status }) => ({
      status,
      durable,
    }))
    await expect.poll(() => collector.stored()).toHaveLength(1)
    open()
    expect(await answer).toEqual({ status: 202, durable: true })
  })

  test('a full queue of the real log is answered with 503, and what was acknowledged is there', async () => {
    await using collector = await startCollector({ queueBytesMax: 40_000 })
    const body = (n: number) =>
      JSON.stringify({
        events: Array.from({ length: 100 }, (_, i) => ({ ...VIEW, event_id: `${n}-${i}` })),
      })
    const answers: Awaited<ReturnType<typeof post>>[] = []
    // How many are in the queue at once depends on the disk: go on until one finds it full.
    for (let round = 0; round < 50 && answers.every(({ status }) => status === 202); round++) {
      const more = Array.from({ length: 60 }, (_, n) => post(collector.url, body(round * 60 + n)))
      answers.push(...(await Promise.all(more)))
    }
    const acknowledged = answers.flatMap(({ status }, n) => (status === 202 ? [n] : []))
    const refused = answers.filter(({ status }) => status !== 202)
    expect(acknowledged.length).toBeGreaterThan(0)
    expect(refused.length).toBeGreaterThan(0)
    for (const answer of refused)
      expect(answer).toMatchObject({
        status: 503,
        retryAfter: '1',
        body: { type: problem('overloaded') },
      })
    const stored = new Set((await collector.stored()).map(({ event_id }) => event_id))
    for (const n of acknowledged) expect(stored).toContain(`${n}-99`)
  })

  test.each([
    ['ENGINE_OVERLOADED', true, 503, 'overloaded'],
    ['ENGINE_UNAVAILABLE', true, 503, 'engine-unavailable'],
    ['ENGINE_CLOSED', false, 503, 'engine-unavailable'],
    ['UNKNOWN_TOPIC', false, 500, 'internal-error'],
  ] as const)('%s is answered as %s %i %s', async (code, retriable, status, type) => {
    await using collector = await startCollector({
      wrapLog: () => ({
        append: () => Promise.reject(new EngineError(code, 'no', { retriable })),
      }),
    })
    const answer = await post(collector.url, JSON.stringify(VIEW))
    expect(answer.status).toBe(status)
    expect(answer.body['type']).toBe(problem(type))
    expect(answer.retryAfter).toBe(status === 503 ? '1' : null)
  })
})
