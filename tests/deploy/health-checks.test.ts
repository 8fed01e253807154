import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, describe, expect, test } from 'vitest'
import { absolute } from '../tidy/repository.ts'
import { parseCompose } from './compose.ts'

const { services } = parseCompose()

let server: Server | undefined
afterEach(() => {
  server?.closeAllConnections()
  server?.close()
})

/** The checks themselves, as written, on a server that answers as the engine does; only the port is another. */
describe.each([
  ['qdrant', '/readyz', '6333'],
  ['registry', '/health/ready', '9000 8080'],
  ['serve', '/readyz', '8080'],
])('the health check of %s', (name, path, port) => {
  const written = services[name]?.healthcheck?.test ?? []

  test('passes when it answers that it is ready', async () => {
    expect(await check(await answering(200))).toBe(0)
  })

  test('fails when it answers that it is not', async () => {
    expect(await check(await answering(503))).not.toBe(0)
  })

  test('fails when nothing listens', async () => {
    const free = await answering(200)
    server?.close()
    expect(await check(free)).not.toBe(0)
  })

  async function check(at: number): Promise<number> {
    expect(written[0]).toBe('CMD')
    const [command = '', ...words] = written.slice(1)
    // `$$` is how Compose writes a dollar.
    const placed = words.map((word) => word.replaceAll('$$', '$').replace(port, String(at)))
    const program = command === 'node' ? process.execPath : command
    const child: ChildProcess = spawn(program, placed, { cwd: absolute('.'), stdio: 'ignore' })
    const [code] = (await once(child, 'exit')) as [number]
    return code
  }

  async function answering(status: number): Promise<number> {
    server = createServer((request, response) => {
      response.writeHead(request.url === path ? status : 404).end('[]')
    })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    return (server.address() as AddressInfo).port
  }
})
