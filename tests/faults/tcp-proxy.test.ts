import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { SeededRandom } from '#ingest/simulator/seeded-random.ts'
import { startTcpProxy, type TcpProxy } from './tcp-proxy.ts'
import type { Direction, Toxic } from './toxics.ts'

/** Sends back whatever it receives. */
const echo = createServer({ allowHalfOpen: true }, (socket) => {
  socket.on('data', (bytes) => heard.push(bytes))
  socket.on('error', () => undefined)
  socket.pipe(socket)
})
let heard: Buffer[] = []
let proxy: TcpProxy

beforeEach(async () => {
  heard = []
  await new Promise<void>((resolve) => echo.listen(0, '127.0.0.1', resolve))
  const random = new SeededRandom(1)
  const { port: target } = echo.address() as AddressInfo
  proxy = await startTcpProxy({ target, random: () => random.next() })
})
afterEach(async () => {
  await proxy[Symbol.asyncDispose]()
  await new Promise((resolve) => echo.close(resolve))
})

interface Conversation {
  readonly received: Buffer
  readonly chunks: number
  readonly ended: 'end' | 'reset' | 'open'
  readonly ms: number
}

/** Says something and ends; resolves when the other side has, or after a while when it does not. */
async function say(bytes: Buffer | string, patienceMs = 60_000): Promise<Conversation> {
  const began = performance.now()
  const socket = connect(proxy.port, '127.0.0.1')
  const chunks: Buffer[] = []
  socket.on('data', (chunk) => chunks.push(chunk))
  socket.end(bytes)
  const ended = await Promise.race([
    once(socket, 'end').then(
      () => 'end' as const,
      () => 'reset' as const,
    ),
    sleep(patienceMs, 'open' as const),
  ])
  socket.destroy()
  const ms = performance.now() - began
  return { received: Buffer.concat(chunks), chunks: chunks.length, ended, ms }
}

const heardText = () => Buffer.concat(heard).toString()
const KILOBYTES_100 = Buffer.alloc(100_000, 'x')
const DIRECTIONS = ['upstream', 'downstream'] as const

test('with nothing wrong, everything goes through in both directions', async () => {
  const bytes = Buffer.from(Array.from({ length: 1_000_000 }, (_, i) => i % 251))
  const { received, ended } = await say(bytes)
  expect(received.equals(bytes)).toBe(true)
  expect(ended).toBe('end')
})

describe.each(DIRECTIONS)('%s', (direction: Direction) => {
  const suffering = (toxic: Toxic) => proxy.set(direction, toxic)

  test('latency delays, and delays many pieces no more than one', async () => {
    suffering({ type: 'latency', latency: 200, jitter: 20 })
    const { received, ms } = await say(Buffer.alloc(10_000_000, 'x'))
    expect(received.length).toBe(10_000_000)
    expect(ms).toBeGreaterThan(175)
    // One after the other they would take 30 s.
    expect(ms).toBeLessThan(20_000)
  })

  test('bandwidth thins', async () => {
    suffering({ type: 'bandwidth', rate: 500 })
    const { received, ms } = await say(KILOBYTES_100)
    expect(received.length).toBe(100_000)
    expect(ms).toBeGreaterThan(180)
  })

  test('slow_close passes the end on later', async () => {
    suffering({ type: 'slow_close', delay: 200 })
    const { received, ended, ms } = await say('hello')
    expect(received.toString()).toBe('hello')
    expect(ended).toBe('end')
    expect(ms).toBeGreaterThan(190)
  })

  test('timeout lets nothing through and closes', async () => {
    suffering({ type: 'timeout', timeout: 150 })
    const { received, ended, ms } = await say('hello')
    expect(received.length).toBe(0)
    expect(ended).not.toBe('open')
    expect(ms).toBeGreaterThan(140)
  })

  test('timeout 0 never closes', async () => {
    suffering({ type: 'timeout', timeout: 0 })
    const { received, ended } = await say('hello', 300)
    expect(received.length).toBe(0)
    expect(ended).toBe('open')
  })

  test('reset_peer resets', async () => {
    suffering({ type: 'reset_peer', timeout: 0 })
    const { received, ended } = await say('hello')
    expect(received.length).toBe(0)
    expect(ended).toBe('reset')
    expect(heardText()).toBe(direction === 'upstream' ? '' : 'hello')
  })

  test('slicer cuts into pieces of about a size', async () => {
    suffering({ type: 'slicer', average_size: 1_000, size_variation: 500, delay: 2 })
    const { received, chunks, ms } = await say(Buffer.alloc(20_000, 'x'))
    expect(received.length).toBe(20_000)
    expect(ms).toBeGreaterThan(20)
    expect(Math.max(chunks, heard.length)).toBeGreaterThan(8)
  })

  test('limit_data passes on so many bytes and closes', async () => {
    suffering({ type: 'limit_data', bytes: 1_234 })
    const { received, ended } = await say(KILOBYTES_100)
    expect(ended).not.toBe('open')
    const passed = direction === 'downstream' ? () => received.length : () => heardText().length
    await expect.poll(passed).toBe(1_234)
  })
})

test('toxics act together', async () => {
  proxy.set('downstream', { type: 'latency', latency: 150 }, { type: 'limit_data', bytes: 3 })
  const { received, ms } = await say('hello')
  expect(received.toString()).toBe('hel')
  expect(ms).toBeGreaterThan(140)
})

test('down refuses new connections and resets open ones; up takes them again on the same port', async () => {
  const { port } = proxy
  const open = connect(port, '127.0.0.1')
  open.write('hello')
  await once(open, 'data')
  const reset = once(open, 'error') as Promise<[NodeJS.ErrnoException]>
  await proxy.down()
  expect((await reset)[0].code).toBe('ECONNRESET')
  await expect(once(connect(port, '127.0.0.1'), 'connect')).rejects.toThrow('ECONNREFUSED')
  await proxy.up()
  expect(proxy.port).toBe(port)
  expect((await say('again')).received.toString()).toBe('again')
})

test('what is wrong changes while a connection is open, and can be healed', async () => {
  const socket: Socket = connect(proxy.port, '127.0.0.1')
  const received = async () => String((await once(socket, 'data'))[0])
  socket.write('one')
  expect(await received()).toBe('one')
  proxy.set('downstream', { type: 'timeout', timeout: 0 })
  socket.write('two')
  await expect(Promise.race([received(), sleep(150, 'nothing')])).resolves.toBe('nothing')
  await proxy.heal()
  socket.write('three')
  expect(await received()).toBe('three')
  socket.destroy()
})

test('a server that is away reads as a reset', async () => {
  await new Promise((resolve) => echo.close(resolve))
  expect((await say('hello')).ended).toBe('reset')
  await new Promise<void>((resolve) => echo.listen(0, '127.0.0.1', resolve))
})

test('a receiver that does not read makes the sender wait: the proxy holds little', async () => {
  await using deaf = new AsyncDisposableStack()
  const server = createServer((socket) => deaf.defer(() => void socket.pause().destroy()))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  deaf.defer(() => void server.close())
  await using between = await startTcpProxy({ target: (server.address() as AddressInfo).port })
  const socket = connect(between.port, '127.0.0.1').on('error', () => undefined)
  const megabyte = Buffer.alloc(1_000_000)
  let sent = 0
  while (sent < 200 && (await isTaken(socket, megabyte))) sent += 1
  expect(sent).toBeGreaterThan(0)
  expect(sent).toBeLessThan(50)
  socket.destroy()
})

/** False when the sender has to wait for 2 s. */
async function isTaken(socket: Socket, bytes: Buffer): Promise<boolean> {
  if (socket.write(bytes)) return true
  return Promise.race([once(socket, 'drain').then(() => true), sleep(2_000, false)])
}
