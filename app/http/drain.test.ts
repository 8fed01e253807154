import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { type AddressInfo, connect, type Socket } from 'node:net'
import { setTimeout } from 'node:timers/promises'
import { Worker } from 'node:worker_threads'
import { expect, test } from 'vitest'
import { Drain } from './drain.ts'

const BODY = 'x'.repeat(20_000)
/** Answers of the server of this test. */
let begun = 0
let ended = 0
/** Answers in two pieces, with time to be cut before and between. */
const slow = async (_request: IncomingMessage, response: ServerResponse) => {
  begun++
  await setTimeout(5)
  response.setHeader('Content-Length', BODY.length)
  response.write(BODY.slice(1))
  await setTimeout(5)
  response.end('x')
  ended++
}

async function listening(listener: typeof slow) {
  begun = 0
  ended = 0
  const server = createServer((request, response) => void listener(request, response))
  const drain = new Drain(server)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return { server, drain, port: (server.address() as AddressInfo).port }
}

interface Heard {
  readonly whole: boolean
  readonly isLast: boolean
}

/** Asks once on a connection and reads until the answer is whole or the connection ends. */
async function askOn(socket: Socket): Promise<Heard> {
  let text = ''
  const onData = (bytes: Buffer) => {
    text += String(bytes)
  }
  socket.on('data', onData)
  socket.write('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n')
  const end = () => text.indexOf('\r\n\r\n')
  const whole = () => end() !== -1 && text.length - end() - 4 === BODY.length
  while (!whole() && !socket.destroyed && !socket.readableEnded) await setTimeout(1)
  socket.off('data', onData)
  return { whole: whole(), isLast: /^Connection: close$/im.test(text.slice(0, end())) }
}

/** A client that asks again and again, on the same connection until it is told that this one ends. */
class Client {
  answered = 0
  told = 0
  /** Resolves when nobody takes connections any more. */
  readonly done: Promise<void>

  constructor(port: number) {
    this.done = this.#run(port)
  }

  async #run(port: number): Promise<void> {
    for (;;) {
      const socket = connect(port, '127.0.0.1')
      socket.on('error', () => undefined)
      const isOpen = await once(socket, 'connect').then(
        () => true,
        () => false,
      )
      if (!isOpen) return
      await this.#askUntilTold(socket)
      socket.destroy()
    }
  }

  async #askUntilTold(socket: Socket): Promise<void> {
    for (;;) {
      const { whole, isLast } = await askOn(socket)
      if (!whole) return
      this.answered++
      if (isLast) {
        this.told++
        return
      }
    }
  }
}

/** How many answers were begun and never came whole, and how many said that they are the last of their connection. */
async function underLoad(port: number, stop: () => Promise<void>) {
  const clients = Array.from({ length: 8 }, () => new Client(port))
  while (clients.some(({ answered }) => answered < 3)) await setTimeout(1)
  await stop()
  await Promise.all(clients.map(({ done }) => done))
  const sum = (of: (client: Client) => number) => clients.reduce((all, each) => all + of(each), 0)
  return { cut: begun - sum(({ answered }) => answered), told: sum(({ told }) => told) }
}

test('under load no answer is cut, and each says that it is the last of its connection', async () => {
  const { drain, port } = await listening(slow)
  const { cut, told } = await underLoad(port, async () => {
    drain.announce()
    await setTimeout(100)
    await drain.end()
  })
  expect(cut).toBe(0)
  expect(told).toBeGreaterThanOrEqual(8)
})

test('closing without an announcement cuts answers: this client sees it', async () => {
  const { server, port } = await listening(slow)
  const { cut } = await underLoad(port, () => closeWithoutAWord(server))
  expect(cut).toBeGreaterThan(0)
})

async function closeWithoutAWord(server: Server): Promise<void> {
  while (begun === ended) await setTimeout(1)
  const closed = new Promise((resolve) => server.close(resolve))
  await setTimeout(50)
  while (begun === ended) await setTimeout(1)
  server.closeAllConnections()
  await closed
}

test('after the announcement new connections are accepted, and an answer under way says that it is the last', async () => {
  const { drain, port } = await listening((request, response) => {
    drain.announce()
    return slow(request, response)
  })
  expect(await askOn(connect(port, '127.0.0.1'))).toEqual({ whole: true, isLast: true })
  expect(await askOn(connect(port, '127.0.0.1'))).toEqual({ whole: true, isLast: true })
  await drain.end()
})

test('connections on which nothing is asked do not hold it up', async () => {
  const { drain, port } = await listening(slow)
  const silent = connect(port, '127.0.0.1')
  const idle = connect(port, '127.0.0.1')
  silent.on('error', () => undefined)
  await askOn(idle)
  const ended = Promise.all([once(silent, 'close'), once(idle, 'close')])
  silent.resume()
  await drain.end()
  await ended
  await expect(once(connect(port, '127.0.0.1'), 'connect')).rejects.toThrow('ECONNREFUSED')
})

test('of several that were asked for on one connection none is cut', async () => {
  const { drain, port } = await listening(slow)
  const socket = connect(port, '127.0.0.1')
  let text = ''
  socket.on('data', (bytes) => {
    text += String(bytes)
  })
  socket.write('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n'.repeat(3))
  while (begun < 3) await setTimeout(1)
  const closed = once(socket, 'close')
  await drain.end()
  await closed
  expect(text.match(/HTTP\/1\.1 200/g)).toHaveLength(3)
  expect(text.match(/x{20000}/g)).toHaveLength(3)
})

/** Connects and asks so many times, on a thread of its own; then tells how many of them heard the whole answer. */
const ASKERS = `
  const { connect } = require('node:net')
  const { parentPort, workerData: { port, count, bytes } } = require('node:worker_threads')
  let sent = 0, closed = 0, whole = 0
  for (let i = 0; i < count; i++) {
    let heard = 0
    const ask = () => socket.write('GET / HTTP/1.1\\r\\nHost: localhost\\r\\n\\r\\n', () => ++sent === count && parentPort.postMessage('sent'))
    const socket = connect(port, '127.0.0.1', ask)
    socket.on('data', (data) => { heard += data.length }).on('error', () => undefined)
    socket.on('close', () => { whole += heard > bytes; if (++closed === count) parentPort.postMessage(whole) })
  }`

test('requests that were sent while the process was busy are answered', async () => {
  const { drain, port } = await listening(slow)
  const workerData = { port, count: 20, bytes: BODY.length }
  const worker = new Worker(ASKERS, { eval: true, workerData })
  const heard: unknown[] = []
  worker.on('message', (message) => heard.push(message))
  // As long as this takes, the kernel takes connections and nobody takes them from it.
  for (const end = performance.now() + 1_000; performance.now() < end; );
  await drain.end()
  while (heard.length < 2) await setTimeout(10)
  expect(heard).toEqual(['sent', 20])
  await worker.terminate()
})
