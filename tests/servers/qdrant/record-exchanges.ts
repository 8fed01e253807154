import { once } from 'node:events'
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { buffer } from 'node:stream/consumers'

/** A request and its answer; bodies as JSON, answers that are none as text. */
export interface Exchange {
  readonly method: string
  /** With its query. */
  readonly path: string
  readonly request: unknown
  readonly status: number
  readonly answer: unknown
}

export interface Recorder extends AsyncDisposable {
  /** In place of the server's. */
  readonly url: string
}

/** A proxy in front of a server at `http://…` that reports every completed exchange. */
export async function recordExchanges(
  baseUrl: string,
  record: (exchange: Exchange) => void,
): Promise<Recorder> {
  const server = createServer((incoming, outgoing) => {
    void (async () => {
      try {
        const body = await buffer(incoming)
        const answer = await forward(baseUrl, incoming, body)
        const text = await answer.text()
        const [method = '', path = ''] = [incoming.method, incoming.url]
        record({
          method,
          path,
          request: json(body.toString()),
          status: answer.status,
          answer: json(text),
        })
        const type = answer.headers.get('content-type') ?? 'text/plain'
        outgoing.writeHead(answer.status, { 'content-type': type }).end(text)
      } catch {
        outgoing.destroy()
      }
    })()
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async [Symbol.asyncDispose]() {
      server.close()
      server.closeAllConnections()
      await once(server, 'close')
    },
  }
}

async function forward(
  baseUrl: string,
  { method = '', url, headers }: IncomingMessage,
  body: Buffer,
) {
  const passed = ['content-type', 'api-key'].flatMap((name) => {
    const value = headers[name]
    return typeof value === 'string' ? [[name, value] as const] : []
  })
  const content = body.length > 0 ? { body: new Uint8Array(body) } : {}
  return fetch(`${baseUrl}${url}`, { method, headers: Object.fromEntries(passed), ...content })
}

function json(text: string): unknown {
  if (text === '') return undefined
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}
