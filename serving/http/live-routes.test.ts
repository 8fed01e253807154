import { afterAll, beforeAll, expect, test } from 'vitest'
import type { HttpRequest } from '#http/route.ts'
import { Ledger } from '#schemas/http/ledger.ts'
import { LiveMovers, LiveTrends } from '#schemas/http/live.ts'
import { ORDER_PANES, PRODUCT_PANES, RAW_EVENTS } from '#schemas/tables.ts'
import { aRow } from '../trends/tables.fixture.ts'
import { openTestServer, type TestServer } from './server.fixture.ts'

const minute = Math.floor(Date.now() / 60_000) * 60_000
const SCHEMAS = { trends: LiveTrends, movers: LiveMovers, ledger: Ledger } as const
let server: TestServer

beforeAll(async () => {
  const liveLimits = {
    listenersMax: 3,
    listenersPerAddressMax: 2,
    eventsKept: 50,
    heartbeatMs: 200,
  }
  const clientAddress = (request: HttpRequest) => request.get('X-Client') ?? 'me'
  server = await openTestServer({ liveLimits, clientAddress })
  const sold = { minute, orders: 1, units: 2, revenue_minor: 590, received_at: Date.now() }
  await server.tables.insert(ORDER_PANES, [aRow.orderPane(sold)])
  await server.tables.insert(PRODUCT_PANES, [
    aRow.productPane({ minute, product_id: 'p1', views: 3 }),
  ])
  await server.tables.insert(RAW_EVENTS, [aRow.event({ event_time: Date.now(), user_id: 'ann' })])
})
afterAll(() => server[Symbol.asyncDispose]())

interface Heard {
  readonly id: number
  readonly event: keyof typeof SCHEMAS
  readonly data: unknown
}

/** Reads the stream as a browser does, until told to stop. */
class Stream {
  readonly #reader: ReadableStreamDefaultReader<string>
  #text = ''

  private constructor(reader: ReadableStreamDefaultReader<string>) {
    this.#reader = reader
  }

  static async open(lastEventId?: number, client = 'me'): Promise<Stream> {
    const resumed = lastEventId === undefined ? {} : { 'Last-Event-ID': String(lastEventId) }
    const headers = { ...resumed, 'X-Client': client }
    const response = await fetch(`${server.url}/v1/trends/live`, { headers })
    expect(response.status).toBe(200)
    expect(response.headers.get('Content-Type')).toBe('text/event-stream; charset=utf-8')
    expect(response.headers.get('Cache-Control')).toBe('no-store')
    expect(response.headers.get('X-Accel-Buffering')).toBe('no')
    if (response.body === null) throw new Error('no body')
    return new Stream(response.body.pipeThrough(new TextDecoderStream()).getReader())
  }

  /** The next block, ended by an empty line; undefined at the end of the stream. */
  async block(): Promise<string | undefined> {
    while (!this.#text.includes('\n\n')) {
      const { value, done } = await this.#reader.read()
      if (done) return undefined
      this.#text += value
    }
    const end = this.#text.indexOf('\n\n')
    const block = this.#text.slice(0, end)
    this.#text = this.#text.slice(end + 2)
    return block
  }

  async events(count: number): Promise<Heard[]> {
    const heard: Heard[] = []
    while (heard.length < count) {
      const block = await this.block()
      if (block === undefined) throw new Error('the stream ended')
      const [, id, event, data = ''] = /^id: (\d+)\nevent: (\w+)\ndata: (.*)$/.exec(block) ?? []
      if (id === undefined) continue
      heard.push({ id: Number(id), event: event as Heard['event'], data: JSON.parse(data) })
    }
    return heard
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#reader.cancel()
  }
}

test('it opens with how soon to come back, then trends, ledger and movers as their schemas say', async () => {
  await using stream = await Stream.open()
  expect(await stream.block()).toBe('retry: 2000')
  const heard = await stream.events(3)
  expect(heard.map((event) => event.event)).toEqual(['trends', 'ledger', 'movers'])
  for (const { event, data } of heard) expect(SCHEMAS[event].parse(data)).toEqual(data)

  const trends = LiveTrends.parse(heard[0]?.data)
  const newest = trends.minutes.find((each) => Date.parse(each.time) === minute)
  expect(newest).toMatchObject({ orders: 1, units: 2, views: 3 })
  expect(newest?.revenue).toEqual([{ currency: 'GBP', revenue_minor: 590 }])
  expect(trends.active_users).toBe(1)
  expect(trends.freshness?.p95_ms).toBeLessThan(60_000)
  expect(LiveMovers.parse(heard[2]?.data).items[0]?.activity.at(-1)).toBe(3)
})

test('a new order is heard, with the rate of what the log takes', async () => {
  await using stream = await Stream.open()
  await stream.events(3)
  await server.log.append([{ topic: 'commerce.orders', key: 'ann', value: new Uint8Array([1]) }])
  await server.tables.insert(ORDER_PANES, [
    aRow.orderPane({ minute, currency: 'EUR', orders: 1, units: 1, revenue_minor: 70 }),
  ])
  for (;;) {
    const [heard] = await stream.events(1)
    if (heard?.event !== 'trends') continue
    const trends = LiveTrends.parse(heard.data)
    const newest = trends.minutes.find((each) => Date.parse(each.time) === minute)
    if (newest?.orders !== 2) continue
    expect(newest.revenue.map((entry) => entry.currency)).toEqual(['EUR', 'GBP'])
    expect(trends.events_per_second).toBeGreaterThan(0)
    return
  }
})

test('ids grow, and who comes back with one hears what came after it', async () => {
  await using first = await Stream.open()
  const heard = await first.events(4)
  const ids = heard.map((event) => event.id)
  expect(ids).toEqual(ids.toSorted((a, b) => a - b))
  expect(new Set(ids).size).toBe(4)
  await using back = await Stream.open(ids[1])
  expect((await back.events(2)).map((event) => event.id)).toEqual(ids.slice(2))
})

test('a quiet moment has a heartbeat', async () => {
  await using stream = await Stream.open()
  let block = await stream.block()
  while (block?.startsWith(':') === false) block = await stream.block()
  expect(block).toBe(': still here')
})

test('beyond the limit the stream is refused with when to come back, and free again after', async () => {
  const streams: Stream[] = []
  for (const client of ['ann', 'bob', 'cy']) streams.push(await Stream.open(undefined, client))
  const refused = await fetch(`${server.url}/v1/trends/live`)
  expect([refused.status, refused.headers.get('Retry-After')]).toEqual([503, '2'])
  expect(await refused.json()).toMatchObject({ type: '/docs/errors/overloaded.md' })
  for (const stream of streams) await stream[Symbol.asyncDispose]()
  await nobodyListens()
})

test('one address gets so many streams, is told the limit, and leaves the others theirs', async () => {
  const streams = [await Stream.open(), await Stream.open()]
  const refused = await fetch(`${server.url}/v1/trends/live`)
  expect([refused.status, refused.headers.get('Retry-After')]).toEqual([429, '2'])
  expect(await refused.json()).toMatchObject({
    type: '/docs/errors/too-many-requests.md',
    detail: expect.stringMatching(/ already has 2 live streams/) as string,
  })
  streams.push(await Stream.open(undefined, 'bob'))
  for (const stream of streams) await stream[Symbol.asyncDispose]()
  await nobodyListens()
})

async function nobodyListens(): Promise<void> {
  const metrics = async () => (await fetch(`${server.url}/metrics`)).text()
  await expect.poll(metrics, { timeout: 15_000 }).toContain('freshet_live_listeners 0')
}

test('closing ends the streams, so that the server closes at once', async () => {
  const stream = await Stream.open()
  await stream.events(1)
  await server.close()
  let last = await stream.block()
  while (last !== undefined) last = await stream.block()
  await expect(fetch(`${server.url}/livez`)).rejects.toThrow('fetch failed')
})
