import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'

export interface TestTcpServer extends AsyncDisposable {
  /** `127.0.0.1:PORT` */
  readonly host: string
}

/** Hands each connection to the test. */
export async function testTcpServer(meet: (socket: Socket) => void): Promise<TestTcpServer> {
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    sockets.add(socket)
    socket.on('error', () => undefined)
    meet(socket)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    host: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    async [Symbol.asyncDispose]() {
      server.close()
      for (const socket of sockets) socket.destroy()
      await once(server, 'close')
    },
  }
}

/** Answers every request with these bytes, whatever it asks, and then does what the test says. */
export function answering(
  bytes: string,
  then: (socket: Socket) => void = () => undefined,
): (socket: Socket) => void {
  return (socket) => {
    let asked = ''
    socket.on('data', (chunk) => {
      asked += chunk.toString('latin1')
      if (!isWhole(asked)) return
      asked = ''
      socket.write(bytes, () => then(socket))
    })
  }
}

/** Whether it has all that its length or its last chunk announces. */
export function isWhole(request: string): boolean {
  const head = request.indexOf('\r\n\r\n')
  if (head < 0) return false
  const length = /content-length: (\d+)/i.exec(request.slice(0, head))?.[1]
  if (length !== undefined) return request.length - head - 4 >= Number(length)
  return request.endsWith('0\r\n\r\n')
}

/** Passes everything on, but no more than so many bytes of requests: then both sides are cut. */
export function cuttingAfter(host: string, bytesMax: number): (socket: Socket) => void {
  return (client) => {
    const server = connect(Number(host.split(':')[1]), '127.0.0.1')
    server.on('error', () => undefined)
    server.on('close', () => client.destroy())
    server.pipe(client)
    let bytes = 0
    client.on('data', (chunk) => {
      server.write(chunk.subarray(0, bytesMax - bytes))
      bytes += chunk.length
      if (bytes < bytesMax) return
      // Ends, so that the server gets what was passed before it learns that there is no more.
      server.end()
      client.destroy()
    })
  }
}
