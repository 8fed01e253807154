import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { gunzipSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import type { Clock } from '#engines/clock/port.ts'
import type { EventInput } from '#schemas/events/json.ts'
import { startCollector } from '../http/collector.fixture.ts'
import { ClientError } from './client-error.ts'
import { EventClient, type EventClientOptions } from './event-client.ts'
import { sendEvents } from './send-events.ts'

/** A clock whose sleeps end at once; it records how long they should have been. */
function impatientClock(): Clock & { readonly slept: number[] } {
  const slept: number[] = []
  let now = 1_000_000
  return {
    slept,
    now: () => now,
    sleep: (ms) => {
      slept.push(ms)
      now += ms
      return new Promise((resolve) => {
        setImmediate(resolve)
      })
    },
  }
}

function view(id: string): EventInput {
  return {
    type: 'ProductViewed',
    event_id: id,
    event_time: 1_700_000_000_000,
    sent_at: null,
    source: '',
    user_id: 'u',
    anonymous_id: null,
    session_id: null,
    product_id: 'p',
  }
}

const views = (count: number) => Array.from({ length: count }, (_, i) => view(`e${i}`))

interface Received {
  readonly ids: readonly string[]
}

/** A server that answers with the script's entries in turn, the last one for ever. */
async function startScript(script: readonly ((ids: readonly string[]) => Scripted)[]) {
  const received: Received[] = []
  const answer: RequestListener = (request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const raw = Buffer.concat(chunks)
      const gzip = request.headers['content-encoding'] === 'gzip'
      const lines = (gzip ? gunzipSync(raw) : raw).toString().split('\n')
      const ids = lines.map((line) => (JSON.parse(line) as { event_id: string }).event_id)
      const scripted = script[Math.min(received.length, script.length - 1)]?.(ids)
      received.push({ ids })
      if (scripted === 'hang up' || scripted === undefined) response.destroy()
      else response.writeHead(scripted.status, scripted.headers).end(JSON.stringify(scripted.body))
    })
  }
  const server = createServer(answer)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    received,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

type Scripted =
  | 'hang up'
  | { readonly status: number; readonly headers?: Record<string, string>; readonly body?: unknown }

const accepts = (ids: readonly string[]): Scripted => ({
  status: 202,
  body: { accepted: ids.length, rejected: [] },
})
const refuses =
  (status: number, headers = {}) =>
  (): Scripted => ({ status, headers, body: {} })

function client(url: string, options: Partial<EventClientOptions> = {}) {
  const clock = impatientClock()
  return { clock, client: new EventClient({ url, clock, random: () => 0.5, ...options }) }
}

describe('EventClient', () => {
  test('what is overloaded, broken or gone is asked again until it answers', async () => {
    await using server = await startScript([
      refuses(503, { 'retry-after': '3' }),
      refuses(429),
      refuses(502),
      () => 'hang up',
      accepts,
    ])
    const reasons: string[] = []
    const { client: sender, clock } = client(server.url, {
      onRetry: ({ reason }) => reasons.push(reason),
    })
    expect(await sender.send(views(3))).toEqual({ accepted: 3, rejected: [] })
    expect(server.received).toHaveLength(5)
    expect(reasons).toEqual(['HTTP 503', 'HTTP 429', 'HTTP 502', 'UND_ERR_SOCKET'])
    // Full jitter at one half: 100, 200, 400, 800 ms; Retry-After comes on top.
    expect(clock.slept).toEqual([3_100, 200, 400, 800])
  })

  test('a batch that is too large is sent in halves, in order, and indexes count from its start', async () => {
    const atMostTwo = (ids: readonly string[]): Scripted =>
      ids.length > 2
        ? { status: 413, body: {} }
        : {
            status: 202,
            body: {
              accepted: ids.length - 1,
              rejected: [
                { index: 0, event_id: ids[0], code: 'wrong_type', pointer: '', message: 'm' },
              ],
            },
          }
    await using server = await startScript([atMostTwo])
    const { accepted, rejected } = await client(server.url).client.send(views(5))
    expect(accepted).toBe(2)
    expect(rejected.map(({ index, event_id }) => `${index} ${event_id}`)).toEqual([
      '0 e0',
      '2 e2',
      '3 e3',
    ])
    expect(server.received.map(({ ids }) => ids.join())).toEqual([
      'e0,e1,e2,e3,e4',
      'e0,e1,e2',
      'e0,e1',
      'e2',
      'e3,e4',
    ])
  })

  test('an event that is too large alone is rejected', async () => {
    await using server = await startScript([refuses(413)])
    expect(await client(server.url).client.send(views(2))).toMatchObject({
      accepted: 0,
      rejected: [
        { index: 0, code: 'event_too_large' },
        { index: 1, code: 'event_too_large' },
      ],
    })
  })

  test('a refusal of another kind is an error with the reason that was given', async () => {
    await using server = await startScript([
      () => ({ status: 401, body: { detail: 'Log in first.' } }),
      () => ({ status: 200, body: 'hello' }),
    ])
    const { client: sender } = client(server.url)
    await expect(sender.send(views(1))).rejects.toThrow(/HTTP 401: Log in first\.$/)
    await expect(sender.send(views(1))).rejects.toThrow(
      /HTTP 200: the answer is not that of a Freshet$/,
    )
  })

  test('it stops when it is told to', async () => {
    await using server = await startScript([refuses(503)])
    const stop = new AbortController()
    const { client: sender } = client(server.url, {
      onRetry: () => stop.abort(new ClientError('enough')),
    })
    await expect(sender.send(views(1), stop.signal)).rejects.toThrow('enough')
  })

  test('ping says in a sentence that nobody answers', async () => {
    const { client: sender } = client('http://127.0.0.1:1')
    await expect(sender.ping()).rejects.toThrow(/^nothing answers at http:\/\/127.0.0.1:1 \(/)
  })

  test.each(['', 'localhost:8080', 'ftp://x'])('"%s" is refused as a URL', (url) => {
    expect(() => client(url)).toThrow(ClientError)
  })
})

describe('sendEvents', () => {
  test.each([true, false])('it fills a real collector in order (gzip %s)', async (gzip) => {
    await using collector = await startCollector()
    const { client: sender, clock } = client(collector.url, { gzip })
    const progress: number[] = []
    const summary = await sendEvents(views(2_500), {
      client: sender,
      clock,
      onProgress: ({ acknowledged }) => progress.push(acknowledged),
    })
    expect(summary).toEqual({ sent: 2_500, acknowledged: 2_500, rejected: 0 })
    expect(progress).toEqual([1_000, 2_000, 2_500])
    const stored = await collector.stored()
    expect(stored.map(({ event_id }) => event_id)).toEqual(
      views(2_500).map((each) => each.event_id),
    )
  })

  test('rejections come back with their events', async () => {
    await using collector = await startCollector()
    const { client: sender, clock } = client(collector.url)
    const rejected: string[] = []
    const events = [view('good'), { ...view('bad'), user_id: '' }]
    const summary = await sendEvents(events, {
      client: sender,
      clock,
      onRejected: ({ code }, event) => rejected.push(`${event.event_id} ${code}`),
    })
    expect(summary).toEqual({ sent: 2, acknowledged: 1, rejected: 1 })
    expect(rejected).toEqual(['bad too_short'])
  })

  test('a rate is held by sending what falls due in a quarter of a second', async () => {
    await using server = await startScript([accepts])
    const { client: sender, clock } = client(server.url)
    const start = clock.now()
    await sendEvents(views(100), { client: sender, clock, ratePerSecond: 40 })
    expect(server.received.map(({ ids }) => ids.length)).toEqual(Array(10).fill(10))
    expect(clock.now() - start).toBe(2_250)
  })
})
