import { randomBytes } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { text } from 'node:stream/consumers'
import { gzipSync } from 'node:zlib'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { type RunningInstance, runInstance } from './instance.ts'

let running: RunningInstance
beforeAll(async () => {
  running = await runInstance()
})
afterAll(async () => {
  expect(await running.settled()).toMatchObject({ balanced: true, dead_lettered: 0 })
  await running[Symbol.asyncDispose]()
})

/** Whatever was sent, the process is up and its ledger balances. */
afterEach(async () => {
  expect((await fetch(`${running.instance.url}/readyz`)).status).toBe(200)
  expect(await running.ledger()).toMatchObject({ balanced: true, dead_lettered: 0 })
})

let ids = 0
function view(fields: Readonly<Record<string, unknown>> = {}) {
  ids += 1
  return { type: 'ProductViewed', event_id: `v${ids}`, user_id: 'u', product_id: 'p', ...fields }
}

test.each([
  ['broken JSON', '{"type":"ProductViewed",', 'Expected double-quoted property name'],
  ['nothing', '', 'Unexpected end of JSON input'],
  ['a list without a wrapper', '[]', 'wrap the list'],
  ['no list where one belongs', '{"events":{}}', '"events" is not a list'],
  ['bytes that are not UTF-8', Uint8Array.of(0x22, 0xff, 0xfe, 0x22), 'it is not UTF-8'],
])('%s: the whole body is turned away, with the reason', async (_, body, reason) => {
  const answer = await running.post(body)
  expect(answer).toMatchObject({
    status: 400,
    type: 'application/problem+json; charset=utf-8',
    body: { type: '/docs/errors/malformed-body.md', title: expect.any(String) as string },
  })
  expect(answer.body['detail']).toContain(reason)
})

test('each bad event is turned away with its code and pointer, the rest of the batch is kept', async () => {
  const order = { type: 'OrderPlaced', order_id: 'o', user_id: 'u', currency: 'GBP' }
  const line = { product_id: 'p', quantity: 1, unit_price_minor: 100 }
  const bad: readonly (readonly [unknown, string, string])[] = [
    [view({ type: 'ProductEaten' }), 'unknown_type', '/type'],
    [view({ product_id: undefined }), 'missing_field', '/product_id'],
    [view({ user_id: undefined }), 'missing_identity', '/user_id'],
    [view({ product_id: 7 }), 'wrong_type', '/product_id'],
    [view({ event_time: 'yesterday' }), 'wrong_format', '/event_time'],
    [view({ event_time: '1900-01-01T00:00:00Z' }), 'out_of_range', '/event_time'],
    [view({ event_time: 2 ** 60 }), 'out_of_range', '/event_time'],
    [view({ event_id: 'x'.repeat(65) }), 'too_long', '/event_id'],
    [view({ user_id: 'half \ud83d' }), 'invalid_text', '/user_id'],
    [{ ...order, type: 'OrderCancelled', reason: 'bored' }, 'unknown_symbol', '/reason'],
    [{ ...order, lines: [] }, 'too_few_items', '/lines'],
    [{ ...order, lines: [{ ...line, quantity: 0 }] }, 'out_of_range', '/lines/0/quantity'],
    [{ ...order, lines: [line, { ...line, quantity: 1.5 }] }, 'wrong_type', '/lines/1/quantity'],
    [{ ...order, currency: 'pounds', lines: [line] }, 'wrong_format', '/currency'],
    [
      { ...order, lines: [{ ...line, quantity: 1e6, unit_price_minor: 1e12 }] },
      'out_of_range',
      '/lines',
    ],
    [null, 'not_an_object', ''],
    [[view()], 'not_an_object', ''],
  ]
  const before = await running.ledger()
  const events = [view(), ...bad.map(([event]) => event), view()]
  const { status, body } = await running.post(JSON.stringify({ events }))
  expect(status).toBe(202)
  expect(body['accepted']).toBe(2)
  const rejected = body['rejected'] as { index: number; code: string; pointer: string }[]
  expect(rejected.map(({ index, code, pointer }) => [index, code, pointer])).toEqual(
    bad.map(([, code, pointer], i) => [i + 1, code, pointer]),
  )
  for (const { message } of rejected as unknown as { message: string }[])
    expect(message).toMatch(/\w+ .+/)
  expect((await running.settled()).stored).toBe(before.stored + 2)
})

test('a broken line of NDJSON spoils that line only', async () => {
  const body = [JSON.stringify(view()), '{"type":', JSON.stringify(view())].join('\n')
  const answer = await running.post(body, { 'Content-Type': 'application/x-ndjson' })
  expect(answer).toMatchObject({
    status: 202,
    body: { accepted: 2, rejected: [{ index: 1, event_id: null, code: 'malformed_json' }] },
  })
})

// Made before Freshet runs: an event loop that stands still for longer than the server's keep-alive of 5 s sends on a
// connection that the server is about to close, in this same process.
const long = `{"events":[${' '.repeat(10_000_000)}]}`
const bomb = gzipSync(Buffer.alloc(200_000_000, 0x20))

test('a body of 10 MB, long or inflated, is turned away with the limit it exceeds', async () => {
  expect(bomb.length).toBeLessThan(500_000)
  const memoryBefore = process.memoryUsage().rss
  for (const answer of [
    await running.post(long),
    await running.post(bomb, { 'Content-Encoding': 'gzip' }),
  ]) {
    expect(answer).toMatchObject({
      status: 413,
      body: { type: '/docs/errors/payload-too-large.md' },
    })
    expect(answer.body['detail']).toContain('bodyBytesMax')
  }
  expect(process.memoryUsage().rss - memoryBefore).toBeLessThan(150_000_000)
})

test.each(['HTTP/1.1', 'HTTP/1.0'])(
  'the answer to a long body reaches a caller that closes the connection after it, over %s',
  async (version) => {
    const { hostname, port } = new URL(running.instance.url)
    const socket = connect(Number(port), hostname)
    const head = [
      `POST /v1/events ${version}`,
      'Host: 127.0.0.1',
      'Content-Type: application/json',
      `Content-Length: ${long.length}`,
      ...(version === 'HTTP/1.1' ? ['Connection: close'] : []),
    ]
    socket.write(`${head.join('\r\n')}\r\n\r\n${long}`)
    const answer = await text(socket)
    expect(answer).toMatch(/^HTTP\/1.1 413 /)
    expect(answer).toContain('bodyBytesMax')
  },
)

test.each([
  ['not gzip', Buffer.from('{"events":[]}'), { 'Content-Encoding': 'gzip' }, 400],
  [
    'gzip cut short',
    gzipSync(randomBytes(9_000)).subarray(0, 4_000),
    { 'Content-Encoding': 'gzip' },
    400,
  ],
  ['an encoding that nobody knows', Buffer.from('{}'), { 'Content-Encoding': 'lzma' }, 415],
  ['another media type', Buffer.from('<xml/>'), { 'Content-Type': 'text/xml' }, 415],
  [
    'another charset',
    Buffer.from('{}'),
    { 'Content-Type': 'application/json; charset=utf-16' },
    415,
  ],
])('%s is turned away with a problem', async (_, body, headers, status) => {
  const answer = await running.post(body, headers)
  expect(answer.status).toBe(status)
  expect(answer.body['detail']).toMatch(/\w+ .+/)
})

test('times of any year are stored: the past as it is, what cannot be at its arrival and flagged', async () => {
  const times = {
    'in 1970': '1970-01-01T00:00:00.000Z',
    'in 2001': '2001-09-09T01:46:40.123Z',
    'in 2100': '2100-01-01T00:00:00.000Z',
    'in 9999': '9999-12-31T23:59:59.999Z',
  }
  const events = Object.entries(times).map(([event_id, event_time]) =>
    view({ event_id, event_time, product_id: 'of-all-times' }),
  )
  // A clock that is far in the future cannot be corrected either.
  events.push(
    view({
      event_id: 'sent in 9999',
      product_id: 'of-all-times',
      sent_at: times['in 9999'],
      event_time: times['in 2001'],
    }),
  )
  expect((await running.post(JSON.stringify({ events }))).body['accepted']).toBe(5)
  await running.settled()
  const rows = await running.sql<{ event_id: string; time: string; clamped: number; now: number }>(
    `SELECT event_id, toString(event_time) AS time, clamped, event_time = received_at AS now
     FROM events WHERE product_id = 'of-all-times' ORDER BY event_id`,
  )
  expect(rows.map(({ event_id, time, clamped, now }) => [event_id, clamped, now || time])).toEqual([
    ['in 1970', 0, '1970-01-01 00:00:00.000'],
    ['in 2001', 0, '2001-09-09 01:46:40.123'],
    ['in 2100', 1, 1],
    ['in 9999', 1, 1],
    ['sent in 9999', 1, 1],
  ])
  await expect
    .poll(() =>
      running.sql(
        `SELECT sum(views) AS views FROM product_minutes WHERE product_id = 'of-all-times'`,
      ),
    )
    .toEqual([{ views: '5' }])
})

test('ids of any text come back exactly as they were sent', async () => {
  const names = [
    '🛍️👩‍👩‍👧‍👦',
    `'; DROP TABLE raw_events; --`,
    '"double" \'single\' `back`',
    'back\\slash \\n \\0 \\x41',
    'line\nbreak\ttab\rreturn',
    '{braces:String} %s $1 ?',
    'nul\u0000inside',
    'e\u0301 is not é',
    '\u202eright to left',
    'ÅÄÖ ß İ 茶',
  ]
  const events = names.map((name, i) =>
    view({
      event_id: `name-${i} ${name}`.slice(0, 30),
      user_id: name,
      session_id: name,
      product_id: name,
      source: 'names',
    }),
  )
  expect((await running.post(JSON.stringify({ events }))).body['accepted']).toBe(names.length)
  await running.settled()
  const rows = await running.sql<Record<string, string>>(
    `SELECT event_id, user_id, session_id, product_id, JSONExtractString(payload, 'product_id') AS said
     FROM events WHERE source = 'names' ORDER BY toUInt8(extract(event_id, '^name-(\\\\d+)'))`,
  )
  expect(rows).toEqual(
    events.map(({ event_id, user_id, product_id }) => ({
      event_id,
      user_id,
      session_id: user_id,
      product_id,
      said: product_id,
    })),
  )
  for (const name of names) {
    const found = await running.instance.engines.tables.query<{ n: string }>(
      'SELECT count() AS n FROM events WHERE user_id = {name:String}',
      { parameters: { name } },
    )
    expect(found).toEqual([{ n: '1' }])
    const path = `/v1/recommendations/users/${encodeURIComponent(name)}`
    const answer = await fetch(`${running.instance.url}${path}`)
    expect([name, answer.status]).toEqual([name, 200])
    expect(await answer.json()).toMatchObject({ user_id: name })
  }
})

test('its document is the one that is committed', async () => {
  const document: unknown = await (await fetch(`${running.instance.url}/openapi.json`)).json()
  const committed = await readFile(new URL('../../docs/openapi.json', import.meta.url), 'utf8')
  expect(document).toEqual(JSON.parse(committed))
})
